using System.Text;

namespace CS3103P2P.Protocol.Tests;

/// <summary>Random messages of every kind, as bytes, with a reader for each.</summary>
internal static class PeerMessageSamples
{
    public delegate bool Reader(ReadOnlySpan<byte> message);

    public static IReadOnlyList<(string Name, byte[] Bytes, Reader Read)> All(Random random)
    {
        byte[] root = Bytes(random, 32);
        byte[] name = Encoding.UTF8.GetBytes($"tệp {random.Next()} 🎈");
        byte[] buffer = new byte[HaveMessage.MaxBytes + MetadataMessage.MaxBytes];
        var list = new List<(string, byte[], Reader)>();
        int length = new HostInfoMessage { Host = "192.0.2.1"u8, Port = 6881, IsServer = true, Version = 1 }.Write(buffer, 99);
        Add("HostInfo", m => HostInfoMessage.TryRead(m, out _));
        length = new FileInfoMessage { Root = new Sha256Digest(root), Name = name, SizeBytes = random.NextInt64(), ChunkSize = 65536, IsDirectory = true }.Write(buffer);
        Add("FileInfo", m => FileInfoMessage.TryRead(m, out _));
        length = new CommonReplyMessage { Reason = RefusalReason.Busy, Chunk = random.Next(), Text = name }.Write(buffer);
        Add("CommonReply", m => CommonReplyMessage.TryRead(m, out _));
        length = new OpenShareMessage { Name = name, Root = root, Proof = root }.Write(buffer);
        Add("OpenShare", m => OpenShareMessage.TryRead(m, out _));
        length = HaveMessage.WriteRuns(buffer, Runs(random, 5));
        Add("Have runs", ReadHave);
        length = HaveMessage.WriteBitmap(buffer, random.Next(1 << 20), Bytes(random, 20));
        Add("Have bitmap", ReadHave);
        length = WantMessage.Write(buffer, Blocks(random, 7));
        Add("Want", ReadWant);
        length = new MetadataMessage { Kind = MetadataKind.HashGroup, FileIndex = 3, Group = 9, Offset = 64, TotalBytes = 200, Data = root }.Write(buffer);
        Add("Metadata", m => MetadataMessage.TryRead(m, out _));
        return list;

        void Add(string what, Reader read) => list.Add((what, buffer[..length], read));
    }

    public static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    public static ChunkRange[] Runs(Random random, int count)
    {
        var runs = new ChunkRange[count];
        for (int i = 0; i < count; i++) runs[i] = new ChunkRange(random.Next(1 << random.Next(31)), 1 + random.Next(1 << random.Next(20)));
        return runs;
    }

    public static BlockRequest[] Blocks(Random random, int count)
    {
        var blocks = new BlockRequest[count];
        for (int i = 0; i < count; i++)
            blocks[i] = new BlockRequest(random.Next(), random.Next(1 << 24), 1 + random.Next(PeerFrameHeader.MaxBlockBytes));
        return blocks;
    }

    private static bool ReadHave(ReadOnlySpan<byte> message)
    {
        if (!HaveMessage.TryRead(message, out HaveMessage have)) return false;
        foreach (ChunkRange run in have)
        {
            if (!run.IsValid || run.Count == 0) throw new AssertFailedException($"a run that cannot be: {run}");
        }

        return true;
    }

    private static bool ReadWant(ReadOnlySpan<byte> message)
    {
        if (!WantMessage.TryRead(message, out WantMessage want)) return false;
        foreach (BlockRequest block in want)
        {
            if (block.Chunk < 0 || block.Offset < 0 || block.Length is <= 0 or > PeerFrameHeader.MaxBlockBytes)
                throw new AssertFailedException($"a piece that cannot be: {block}");
        }

        return true;
    }
}
