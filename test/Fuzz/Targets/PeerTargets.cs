using System.Buffers;
using System.Text;
using CS3103P2P.Peer.Connectivity;
using CS3103P2P.Peer.Hosting;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;
using CS3103P2P.Transport.Utp;

namespace CS3103P2P.Fuzz;

/// <summary>What peers say to each other, and what people hand around.</summary>
internal static class PeerTargets
{
    private static readonly byte[] Root = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public static IEnumerable<FuzzTarget> Create()
    {
        yield return new FuzzTarget("peer frames", ReadFrames, Frames(), 30);
        yield return new FuzzTarget("peer messages", ReadMessages, Messages(), 30);
        yield return new FuzzTarget("plain exchange", input => _ = PlainRequest.TryParse(input, out _), [Bytes("DOWNLOAD f.bin 1"), Bytes("DOWNLOAD a b 7\n")]);
        yield return new FuzzTarget("datagram kind", input => DatagramClassifier.Classify(input), UtpPackets(), 20);
        yield return new FuzzTarget("uTP packet", ReadUtp, UtpPackets(), 30);
        yield return new FuzzTarget("uTP machine", NewUtp(), UtpPackets(), 10);
        yield return new FuzzTarget("ticket", ReadTicket, Tickets(), 8);
        yield return new FuzzTarget("manifest", ReadManifest, Manifests(), 10);
        yield return new FuzzTarget("host and port", input => _ = HostAndPort.TryParse(Encoding.Latin1.GetString(input), 80, out _), [Bytes("tracker.example:80"), Bytes("[::1]:7")], 4);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static void ReadFrames(ReadOnlySpan<byte> input)
    {
        while (PeerFrameHeader.TryRead(input, out PeerFrameHeader header, out int consumed) == OperationStatus.Done)
        {
            Check.That(consumed > 0 && consumed <= input.Length && header.MessageLength >= 0, "a header that cannot be");
            input = input[consumed..];
            if (FileDataHeader.TryRead(input, header.MessageLength, out FileDataHeader data, out int used) == OperationStatus.Done)
                Check.That(data.DataLength >= 0 && data.Offset >= 0 && used <= input.Length, "data that cannot be");
            if (header.MessageLength > input.Length) return;
            input = input[header.MessageLength..];
        }
    }

    private static void ReadMessages(ReadOnlySpan<byte> input)
    {
        HostInfoMessage.TryRead(input, out _);
        FileInfoMessage.TryRead(input, out _);
        CommonReplyMessage.TryRead(input, out _);
        OpenShareMessage.TryRead(input, out _);
        MetadataMessage.TryRead(input, out _);
        if (HaveMessage.TryRead(input, out HaveMessage have))
        {
            foreach (ChunkRange run in have) Check.That(run.IsValid && run.Count > 0, "a run that cannot be");
        }

        if (!WantMessage.TryRead(input, out WantMessage want)) return;
        foreach (BlockRequest block in want) Check.That(block is { Chunk: >= 0, Offset: >= 0, Length: > 0 and <= PeerFrameHeader.MaxBlockBytes }, "a piece that cannot be");
    }

    private static void ReadUtp(ReadOnlySpan<byte> input)
    {
        if (UtpPacket.TryParse(input, out UtpPacket packet)) Check.That(packet.Payload.Length <= input.Length && packet.SelectiveAck.Length <= UtpPacket.MaxSelectiveAckBytes, "parts beyond the whole");
    }

    private static FuzzInput NewUtp()
    {
        TransportAddress remote = TransportAddress.FromIPv4(0xCB007107, 6881);
        byte[] buffer = new byte[65_000];
        UtpMachine? machine = null;
        UtpConnection? ours = null;
        int uses = 0;
        long micros = 0;
        return input =>
        {
            var now = new MonotonicTime(micros += 1_000);
            if (machine is null || ++uses % 256 == 0)
            {
                machine = new UtpMachine(new UtpOptions(), new Random(1));
                ours = machine.Connect(now, remote);
            }

            machine.HandleDatagram(now, remote, input);
            if (machine.Deadline <= now) machine.HandleTimeout(now);
            while (machine.PollAccept(out _) || machine.PollEvent(out _, out _))
            {
            }

            if (ours is { State: UtpState.Connected } && ours.Outgoing.Write(input) > 0) machine.Touch(ours);
            for (int sent = 0; machine.PollTransmit(now, buffer, out _); sent++) Check.That(sent < 10_000, "a flood of packets");
        };
    }

    private static void ReadTicket(ReadOnlySpan<byte> input)
    {
        if (!ShareTicket.TryParse(Encoding.Latin1.GetString(input), out ShareTicket? ticket)) return;
        Check.That(ShareTicket.TryParse(ticket.ToTicketText(), out ShareTicket? again) && again.Descriptor == ticket.Descriptor, "a ticket that does not survive its text");
    }

    private static void ReadManifest(ReadOnlySpan<byte> input)
    {
        if (!ShareManifest.TryParse(input, out ShareManifest? manifest)) return;
        Check.That(manifest.Bytes.Span.SequenceEqual(input), "a manifest with two forms");
        foreach (ManifestFile file in manifest.Files) Check.That(!file.Path.Contains("..", StringComparison.Ordinal) || !file.Path.Split('/').Contains(".."), "a path that leads out");
    }

    private static byte[][] UtpPackets() =>
    [
        Convert.FromHexString("4100ABCD00000001000000000010000000010000"),
        Convert.FromHexString("2100ABCD000000010000000A0010000000020001"),
        Convert.FromHexString("0100ABCE000000010000000A001000000002000148656C6C6F"),
        Convert.FromHexString("2101ABCE000000010000000A0010000000020001" + "0004FFFFFFFF"),
        Convert.FromHexString("1100ABCE000000010000000A0010000000030001"),
        Convert.FromHexString("3100ABCE000000010000000A0010000000030001"),
        Convert.FromHexString("0170ABCE000000010000000A0010000000020001" + "000800000000000000005858"),
    ];

    private static byte[][] Tickets()
    {
        var descriptor = new ShareDescriptor("a file.bin", ShareKind.File, 1_000_000, 16_384, new Sha256Digest(Root));
        return [Bytes(new ShareTicket(descriptor, ["tracker.example:80", "[::1]:81"]).ToTicketText()), Bytes(new ShareTicket(descriptor, ["t"], new ShareSecret(Root)).ToTicketText())];
    }

    private static byte[][] Manifests()
    {
        ManifestFile[] files = [new("a.txt", 5, new Sha256Digest(Root)), new("b/c.bin", 100_000, new Sha256Digest(Root)), new("b/tệp", 1, new Sha256Digest(Root))];
        Check.That(ShareManifest.TryCreate(16_384, files, ["empty"], out ShareManifest? manifest, out _), "the corpus");
        return [manifest!.Bytes.ToArray()];
    }

    private static byte[][] Frames()
    {
        byte[] buffer = new byte[256];
        byte[][] messages = Messages();
        var frames = new List<byte[]>();
        foreach (PeerMessageType type in Enum.GetValues<PeerMessageType>())
        {
            byte[] message = messages[frames.Count % messages.Length];
            int at = new PeerFrameHeader(type, 1_900_000_000, 3, message.Length).Write(buffer);
            frames.Add([.. buffer.AsSpan(0, at), .. message]);
        }

        var data = new FileDataHeader(65_536, 16);
        int length = new PeerFrameHeader(PeerMessageType.FileData, 1, 3, data.MessageLength).Write(buffer);
        length += data.Write(buffer.AsSpan(length));
        frames.Add(buffer[..(length + 16)]);
        return [.. frames];
    }

    private static byte[][] Messages()
    {
        byte[] buffer = new byte[4_096];
        var all = new List<byte[]>();
        Add(new HostInfoMessage { Host = "192.0.2.1"u8, Port = 6881, IsServer = true, Version = 1 }.Write(buffer, 99));
        Add(new FileInfoMessage { Root = new Sha256Digest(Root), Name = "f"u8, SizeBytes = 1 << 20, ChunkSize = 65_536, IsDirectory = true }.Write(buffer));
        Add(new CommonReplyMessage { Reason = RefusalReason.Busy, Chunk = 7, Text = "t"u8 }.Write(buffer));
        Add(new OpenShareMessage { Name = "f"u8, Root = Root, Proof = Root }.Write(buffer));
        Add(HaveMessage.WriteRuns(buffer, [new ChunkRange(0, 5), new ChunkRange(9, 1)]));
        Add(HaveMessage.WriteBitmap(buffer, 8, [0xFF, 0x01]));
        Add(WantMessage.Write(buffer, [new BlockRequest(1, 0, 16_384), new BlockRequest(2, 0, 5)]));
        Add(new MetadataMessage { Kind = MetadataKind.HashGroup, FileIndex = 3, Group = 9, Offset = 64, TotalBytes = 200, Data = Root }.Write(buffer));
        return [.. all];

        void Add(int length) => all.Add(buffer[..length]);
    }
}
