"""The running process: configuration file, control socket, threads, supervision."""
