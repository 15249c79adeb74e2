#!/usr/bin/env python3
"""mkpcap.py FILE PACKETS KIND N: a capture of UDP frames of 60 bytes, the same ones each time.

flows N     N five-tuples in a random order
masks N     destination ports 1000 to 1000 + N - 1; all but the MAC addresses is random
rules N     N packets for the rules of three tables: 50 source and 100 destination MAC addresses, five ports
prefixes N  source, destination and port that begin with up to N - 1 bits, zeros but for the last
attack N    source, destination port and source port that differ from 10.0.0.1, 80 and 12345 in one of the first
            N bits each, and agree before
"""
import random
import struct
import sys


def checksum(header):
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(dst, src, ip_src, ip_dst, port_src, port_dst):
    ip = struct.pack("!BBHHHBBHII", 0x45, 0, 46, 0, 0, 64, 17, 0, ip_src, ip_dst)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return dst + src + b"\x08\x00" + ip + struct.pack("!HHHH", port_src, port_dst, 26, 0) + bytes(18)


def begins_with(n, bits):
    """A number of so many bits, of which the first n are zeros but for the last; n = 0: none is set of the first."""
    if n == 0:
        return random.getrandbits(4)
    return 1 << (bits - n) | random.getrandbits(bits - n)


def differs_from(value, n, bits):
    """A number that agrees in n - 1 bits and differs in the next."""
    rest = bits - n
    return (value >> rest ^ 1) << rest | random.getrandbits(rest)


def frames(kind, packets, n):
    here, there = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")
    port = lambda: random.randrange(1024, 65535)
    if kind == "flows":
        tuples = [(0x0A000001 + i, 0x0B000001 + random.randrange(1 << 16), port(), port()) for i in range(n)]
        return [frame(there, here, *tuples[i % n]) for i in range(packets)]
    if kind == "masks":
        address = lambda: random.getrandbits(32) | 1 << 24
        return [frame(there, here, address(), address(), port(), 1000 + i % n) for i in range(packets)]
    if kind == "rules":
        def packet(i):
            dst, src = bytes([2, 0, 0, 1, 0, i % 100]), bytes([2, 0, 0, 2, 0, i % 50])
            ip_dst = 0x0B000000 | (i % 100) << 16 | random.getrandbits(16)
            return frame(dst, src, 0x0A000001 + i % 2000, ip_dst, port(), (80, 443, 53, 22, 8080)[i % 5])
        return [packet(i % n) for i in range(packets)]
    if kind == "prefixes":
        bits = lambda size: begins_with(random.randrange(n), size)
        return [frame(there, here, bits(32), bits(32), port(), bits(16)) for _ in range(packets)]
    if kind == "attack":
        bits = lambda value, size: differs_from(value, random.randrange(1, n + 1), size)
        ports = lambda: (bits(12345, 16), bits(80, 16))
        return [frame(there, here, bits(0x0A000001, 32), port(), *ports()) for _ in range(packets)]
    sys.exit(f"there is no kind {kind}\n\n{__doc__}")


if len(sys.argv) != 5:
    sys.exit(__doc__)
random.seed(1)
made = frames(sys.argv[3], int(sys.argv[2]), int(sys.argv[4]))
random.shuffle(made)
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for made in made:
        file.write(struct.pack("<IIII", 0, 0, len(made), len(made)) + made)
