"""One side of a libtorrent transfer over loopback, measured by Libtorrent.cs.

usage: libtorrent_yardstick.py seed tcp|utp DIRECTORY SIZE
       libtorrent_yardstick.py leech tcp|utp DIRECTORY SIZE PORT NUMBER

seed:  makes a file and its torrent, prints `port N`, shares until standard input ends, prints `cpu SECONDS`.
leech: prints `ready 1`, waits for a line, downloads from PORT, prints `seconds`, `cpu`, `peak` (bytes), and `synced` (seconds, when the disk has all).
"""
import os
import random
import resource
import sys
import time

import libtorrent as lt

PIECE_LENGTH = 1 << 20
CONNECT_AGAIN_SECONDS = 0.2


def settings(protocol):
    chosen = lt.high_performance_seed()
    chosen.update({
        "listen_interfaces": "127.0.0.1:0",
        "enable_outgoing_tcp": protocol == "tcp",
        "enable_incoming_tcp": protocol == "tcp",
        "enable_outgoing_utp": protocol == "utp",
        "enable_incoming_utp": protocol == "utp",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "allow_multiple_connections_per_ip": True,
        "in_enc_policy": 2,
        "out_enc_policy": 2,
        "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
    })
    return chosen


def say(key, value):
    print(key, value, flush=True)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def make_torrent(folder, size):
    path = os.path.join(folder, "content.bin")
    source = random.Random(1)
    with open(path, "wb") as file:
        for start in range(0, size, 1 << 20):
            file.write(source.randbytes(min(1 << 20, size - start)))
    storage = lt.file_storage()
    lt.add_files(storage, path)
    creator = lt.create_torrent(storage, PIECE_LENGTH, flags=lt.create_torrent.v1_only)
    lt.set_piece_hashes(creator, folder)
    encoded = lt.bencode(creator.generate())
    with open(os.path.join(folder, "torrent"), "wb") as file:
        file.write(encoded)


def sync(folder):
    file = os.open(os.path.join(folder, "content.bin"), os.O_RDWR)
    os.fsync(file)
    os.close(file)


def listen_port(session):
    while True:
        session.wait_for_alert(500)
        for alert in session.pop_alerts():
            if isinstance(alert, lt.listen_succeeded_alert):
                return alert.port


def main():
    mode, protocol, folder, size = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    seed_folder = os.path.join(folder, "seed")
    target = seed_folder
    if mode == "seed":
        os.makedirs(seed_folder)
        make_torrent(seed_folder, size)
    else:
        target = os.path.join(folder, "leech" + sys.argv[6])
        os.makedirs(target)
    info = lt.torrent_info(os.path.join(seed_folder, "torrent"))
    session = lt.session(settings(protocol))
    port = listen_port(session)
    plain = lt.torrent_flags.default_flags & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused
    handle = session.add_torrent({"ti": info, "save_path": target, "flags": plain})
    wanted = "seeding" if mode == "seed" else "downloading"
    while str(handle.status().state) != wanted:
        time.sleep(0.02)
    before = cpu()
    if mode == "seed":
        say("port", port)
        sys.stdin.read()
        say("cpu", cpu() - before)
        return
    say("ready", 1)
    sys.stdin.readline()
    started = time.monotonic()
    last_try = 0.0
    while not handle.status().is_seeding:
        status = handle.status()
        if status.num_peers == 0 and time.monotonic() - last_try > CONNECT_AGAIN_SECONDS:
            last_try = time.monotonic()
            handle.connect_peer(("127.0.0.1", int(sys.argv[5])))
        time.sleep(0.01)
    say("seconds", time.monotonic() - started)
    say("cpu", cpu() - before)
    say("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    sync(target)
    say("synced", time.monotonic() - started)


main()
