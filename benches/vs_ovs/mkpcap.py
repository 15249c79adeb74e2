#!/usr/bin/env python3
"""mkpcap.py FILE PACKETS KIND N: a capture of UDP frames of 60 bytes, the same ones each time.

flows N     N five-tuples in a random order
masks N     destination ports 1000 to 1000 + N - 1; all but the MAC addresses is random
rules N     N packets for the rules of three tables: 50 source and 100 destination MAC addresses, five ports
prefixes N  packets of N flows, each with other lengths of prefixes; with PACKETS 0 FILE gets the flows instead
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


def mixed(n):
    """32 bits of a number."""
    n = n * 0x9E3779B1 & 0xFFFFFFFF
    n = (n ^ n >> 15) * 0x85EBCA77 & 0xFFFFFFFF
    return n ^ n >> 13


def prefixes(n):
    """Flows as the bits and lengths of source, destination and port, of which hardly two match a packet."""
    addresses, ports = (0, 8, 10, 12, 14, 16, 20, 24, 28, 30, 32), (0, 4, 6, 8, 9, 10, 11, 12, 14, 16)
    lengths = [(a, b, c) for a in addresses for b in addresses for c in ports]
    lengths = [all for all in lengths if sum(all) >= 20 and all.count(0) < 2][:n]
    sizes = (32, 32, 16)
    cut = lambda value, length, size: (value & 0xFFFFFFFF) >> 32 - size >> size - length << size - length
    return [[(cut(mixed(3 * i + k), all[k], sizes[k]), all[k]) for k in range(3)] for i, all in enumerate(lengths)]


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
        flows = prefixes(n)
        def packet(i):
            sizes = (32, 32, 16)
            bits = [value | random.getrandbits(size) & (1 << size - length) - 1
                    for (value, length), size in zip(flows[i % n], sizes)]
            return frame(there, here, bits[0], bits[1], port(), bits[2])
        return [packet(i) for i in range(packets)]
    if kind == "attack":
        bits = lambda value, size: differs_from(value, random.randrange(1, n + 1), size)
        ports = lambda: (bits(12345, 16), bits(80, 16))
        return [frame(there, here, bits(0x0A000001, 32), port(), *ports()) for _ in range(packets)]
    sys.exit(f"there is no kind {kind}\n\n{__doc__}")


if len(sys.argv) != 5:
    sys.exit(__doc__)
if sys.argv[2:3] == ["0"]:
    with open(sys.argv[1], "w") as file:
        for flow in prefixes(int(sys.argv[4])):
            print(*(number for pair in flow for number in pair), file=file)
    sys.exit()
random.seed(1)
made = frames(sys.argv[3], int(sys.argv[2]), int(sys.argv[4]))
random.shuffle(made)
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    for made in made:
        file.write(struct.pack("<IIII", 0, 0, len(made), len(made)) + made)
