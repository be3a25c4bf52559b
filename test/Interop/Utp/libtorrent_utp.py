"""Runs libtorrent as a BitTorrent peer that speaks uTP only, for LibtorrentUtpTests.

usage: libtorrent_utp.py seed|leech DIRECTORY SIZE [PORT]

seed:  shares a file of SIZE bytes; prints one JSON line (port, info hash, size, piece length, piece hashes); runs until standard input ends.
leech: makes the same, then downloads it from 127.0.0.1:PORT into another folder; prints a second JSON line with its SHA-256 when done.
"""
import hashlib
import json
import os
import random
import select
import sys
import time

import libtorrent as lt

PIECE_LENGTH = 256 * 1024
TIMEOUT_SECONDS = 60

SETTINGS = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_outgoing_tcp": False,
    "enable_incoming_tcp": False,
    "enable_outgoing_utp": True,
    "enable_incoming_utp": True,
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "allow_multiple_connections_per_ip": True,
    "in_enc_policy": 2,
    "out_enc_policy": 2,
    "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
}


def say(**fields):
    print(json.dumps(fields), flush=True)


def make_torrent(folder, size):
    path = os.path.join(folder, "content.bin")
    with open(path, "wb") as file:
        file.write(random.Random(size).randbytes(size))
    storage = lt.file_storage()
    lt.add_files(storage, path)
    creator = lt.create_torrent(storage, PIECE_LENGTH, flags=lt.create_torrent.v1_only)
    lt.set_piece_hashes(creator, folder)
    return lt.torrent_info(lt.bdecode(lt.bencode(creator.generate())))


def listen_port(session):
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        session.wait_for_alert(500)
        for alert in session.pop_alerts():
            if isinstance(alert, lt.listen_succeeded_alert):
                return alert.port
    raise RuntimeError("libtorrent does not listen")


def main():
    mode, folder, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seed_folder = os.path.join(folder, "seed")
    os.makedirs(seed_folder, exist_ok=True)
    info = make_torrent(seed_folder, size)
    session = lt.session(SETTINGS)
    port = listen_port(session)
    target = seed_folder
    if mode == "leech":
        target = os.path.join(folder, "leech")
        os.makedirs(target, exist_ok=True)
    handle = session.add_torrent({"ti": info, "save_path": target, "flags": lt.torrent_flags.default_flags & ~lt.torrent_flags.auto_managed & ~lt.torrent_flags.paused})
    wanted = "seeding" if mode == "seed" else "downloading"
    while str(handle.status().state) != wanted:
        time.sleep(0.05)
    hashes = [info.hash_for_piece(i).hex() for i in range(info.num_pieces())]
    say(port=port, info_hash=str(info.info_hash()), size=size, piece_length=PIECE_LENGTH, hashes=hashes)
    if mode == "leech":
        handle.connect_peer(("127.0.0.1", int(sys.argv[4])))
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if mode == "leech" and handle.status().is_seeding:
            with open(os.path.join(target, "content.bin"), "rb") as file:
                say(sha256=hashlib.sha256(file.read()).hexdigest())
            return
        if select.select([sys.stdin], [], [], 0.1)[0] and not sys.stdin.read(1):
            return


main()
