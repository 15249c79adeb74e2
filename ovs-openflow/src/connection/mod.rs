//! One end of a connection, without its socket.
