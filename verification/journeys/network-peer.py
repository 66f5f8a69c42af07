# SPDX-License-Identifier: Apache-2.0
"""The world of network.sh: `serve ADDRESS CERT KEY LOG` answers HTTPS and logs what arrived; `names ADDRESS FILE` answers DNS by a file."""
import socket
import ssl
import struct
import sys
import threading


def serve(address, certificate, key, log):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def answer(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                received = b''
                while b'\r\n\r\n' not in received:
                    more = tls.recv(65536)
                    if not more:
                        return
                    received += more
                head, body = received.split(b'\r\n\r\n', 1)
                length = next((int(f.split(b':')[1]) for f in head.split(b'\r\n') if f.lower().startswith(b'content-length:')), 0)
                while len(body) < length:
                    body += tls.recv(65536)
                with open(log, 'ab') as out:
                    out.write(body + b'\n')
                if b'/slow' in head:  # an answer that is still on its way when the network changes
                    tls.sendall(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{')
                    tls.recv(1)
                    return
                tls.sendall(b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}')
        except OSError:
            pass

    with socket.create_server((address, 443), backlog=64) as listener:
        while True:
            threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()


def names(address, file):
    """Each line `NAME ADDRESS`, `*` for every other; a name that is not there is NXDOMAIN (RFC 1035 §4.1). Read anew for each question."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    while True:
        question, asker = server.recvfrom(512)
        at, labels = 12, []
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode('ascii'))
            at += 1 + question[at]
        end = at + 5
        kind = struct.unpack('>H', question[at + 1:at + 3])[0]
        known = dict(line.split() for line in open(file) if line.strip())
        found = known.get('.'.join(labels).lower(), known.get('*'))
        answers = 1 if found and kind == 1 else 0
        reply = question[:2] + struct.pack('>HHHHH', 0x8180 if found else 0x8183, 1, answers, 0, 0) + question[12:end]
        if answers:
            reply += b'\xc0\x0c' + struct.pack('>HHIH', 1, 1, 1, 4) + socket.inet_aton(found)
        server.sendto(reply, asker)


what, *rest = sys.argv[1:]
{'serve': serve, 'names': names}[what](*rest)
