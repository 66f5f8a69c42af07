# SPDX-License-Identifier: Apache-2.0
"""Both ends of unproxied.sh: `serve ADDRESS… CERT KEY`, `serve-quic CERT KEY`, `pieces HOST ADDRESS`, `quic HOST ADDRESS VERSION`."""
import asyncio
import socket
import ssl
import sys
import threading
import time


def serve(addresses, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def answer(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.recv(65536)
                time.sleep(0.3)  # as long as a service thinks at least
                tls.sendall(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}')
        except OSError:
            pass

    def accept(address):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        with socket.create_server((address, 443), family=family, backlog=64) as listener:
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    for address in addresses:
        threading.Thread(target=accept, args=(address,), daemon=True).start()
    threading.Event().wait()


def pieces(host, address):
    """A real hello, in TCP segments of 90 bytes."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tls = context.wrap_bio(incoming, outgoing, server_hostname=host)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    with socket.create_connection((address, 443)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(hello), 90):
            connection.sendall(hello[at:at + 90])
            time.sleep(0.01)
        assert connection.recv(1) == b'\x16', 'the server did not answer the hello'


async def serve_quic(address, certificate, key):
    from aioquic.asyncio import serve as listen
    from aioquic.quic.configuration import QuicConfiguration
    configuration = QuicConfiguration(is_client=False, alpn_protocols=['h3'])
    configuration.load_cert_chain(certificate, key)
    await listen(address, 443, configuration=configuration)
    await asyncio.Event().wait()


async def quic(host, address, version):
    from aioquic.asyncio import connect
    from aioquic.quic.configuration import QuicConfiguration
    from aioquic.quic.packet import QuicProtocolVersion
    number = {'1': QuicProtocolVersion.VERSION_1, '2': QuicProtocolVersion.VERSION_2}[version]
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=['h3'], verify_mode=ssl.CERT_NONE, server_name=host,
        original_version=number, supported_versions=[number])
    async with connect(address, 443, configuration=configuration) as client:
        await client.ping()
        await asyncio.sleep(0.3)


what, *rest = sys.argv[1:]
if what == 'serve':
    serve(rest[:-2], *rest[-2:])
elif what == 'pieces':
    pieces(*rest)
else:
    asyncio.run({'serve-quic': serve_quic, 'quic': quic}[what](*rest))
