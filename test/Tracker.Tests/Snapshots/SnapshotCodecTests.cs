using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Snapshots;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Tests.Snapshots;

[TestClass]
public sealed class SnapshotCodecTests
{
    private const int Seed = 20261121;
    private const long UnixMillis = 1_700_000_000_000;
    private static readonly MonotonicTime Now = new(5_000_000);

    [TestMethod]
    public void Write_ThenRead_GivesBackEverything()
    {
        TrackerRegistry registry = Filled(new Random(Seed), registrants: 3_000);
        byte[] file = Write(registry, slice: 100);

        SnapshotError error = TryRead(file, out List<string> lines, out long millis);

        Assert.AreEqual(SnapshotError.None, error);
        Assert.AreEqual(UnixMillis, millis);
        CollectionAssert.AreEquivalent(Describe(registry), lines);
    }

    [TestMethod]
    public void Write_OneRegistrantWithManyEntries_TakesSeveralBlocks()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        registry.Refresh(Now, RegistrantKey.Proven(Address(1), Id(1)), null, out Registrant? registrant, out _);
        for (int i = 0; i < 10_000; i++) registry.Add(registrant!, new Offering { Name = Bytes($"a-file-with-a-name-of-its-own-{i:D5}.bin"), Chunk = i });

        byte[] file = Write(registry, slice: 100);

        Assert.AreEqual(SnapshotError.None, TryRead(file, out List<string> lines, out _));
        CollectionAssert.AreEquivalent(Describe(registry), lines);
    }

    [TestMethod]
    public void Write_WhileRegistrantsComeAndGo_LosesNoneThatStays()
    {
        var random = new Random(Seed);
        TrackerRegistry registry = Filled(random, registrants: 1_000);
        var staying = new HashSet<string>(Describe(registry));
        var writer = new SnapshotWriter(Now, UnixMillis);
        for (int cursor = registry.ExportStart, round = 0; cursor > 0; round++)
        {
            cursor = registry.Export(cursor, 20, writer);
            RegistrantKey key = RegistrantKey.Proven(Address(1_000_000 + round), Id(round));
            registry.Refresh(Now, key, null, out _, out _);
            Registrant leaving = registry.Find(RegistrantKey.Proven(Address(random.Next(1_000)), default))
                ?? registry.Find(KeyOf(random.Next(1_000))) ?? registry.Find(key)!;
            registry.Remove(leaving);
        }

        staying.IntersectWith(Describe(registry));
        writer.Complete();

        Assert.AreEqual(SnapshotError.None, TryRead(writer.Ready.ToArray(), out List<string> lines, out _));
        Assert.IsGreaterThan(500, staying.Count, $"seed {Seed}");
        Assert.IsTrue(staying.IsSubsetOf(lines), $"seed {Seed}");
    }

    [TestMethod]
    public void Read_EveryTruncation_IsRefused()
    {
        byte[] file = Write(Filled(new Random(Seed), registrants: 20), slice: 100);
        for (int length = 0; length < file.Length; length++)
        {
            Assert.AreNotEqual(SnapshotError.None, TryRead(file[..length], out _, out _), $"seed {Seed}, length {length}");
        }

        Assert.AreEqual(SnapshotError.Malformed, TryRead([.. file, 0], out _, out _));
    }

    [TestMethod]
    public void Read_EveryFlippedBit_IsRefused()
    {
        byte[] file = Write(Filled(new Random(Seed), registrants: 10), slice: 100);
        for (int bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.AreNotEqual(SnapshotError.None, TryRead(file, out _, out _), $"seed {Seed}, bit {bit}");
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [TestMethod]
    public void Read_MutatedPayloads_NeverThrow()
    {
        var random = new Random(Seed);
        byte[] file = Write(Filled(random, registrants: 10), slice: 100);
        ReadOnlySpan<byte> whole = file;
        int length = SnapshotFormat.ReadPayloadLength(whole[SnapshotFormat.HeaderBytes..], 0);
        byte[] payload = whole.Slice(SnapshotFormat.HeaderBytes + SnapshotFormat.BlockHeaderBytes, length).ToArray();
        var contents = new List<SnapshotContent>();
        int accepted = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] mutated = [.. payload];
            for (int changes = random.Next(1, 4); changes > 0; changes--) mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            var reader = new SnapshotReader(mutated.AsSpan(0, random.Next(mutated.Length + 1)), contents);
            while (reader.TryReadRegistrant(out _))
            {
                while (reader.TryReadEntry(out SnapshotEntry entry)) accepted += entry.Name.Length > 0 ? 1 : 0;
            }
        }

        Assert.IsGreaterThan(0, accepted, $"seed {Seed}");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{ \"some\": \"other file, that is long enough to be a header\" }")]
    public void Read_ForeignFile_SaysSo(string content) =>
        Assert.AreEqual(content.Length == 0 ? SnapshotError.Truncated : SnapshotError.Foreign, TryRead(Bytes(content), out _, out _));

    private static byte[] Write(TrackerRegistry registry, int slice)
    {
        var writer = new SnapshotWriter(Now, UnixMillis);
        var file = new List<byte>();
        for (int cursor = registry.ExportStart; cursor > 0;)
        {
            cursor = registry.Export(cursor, slice, writer);
            file.AddRange(writer.Ready);
            writer.Consume();
        }

        writer.Complete();
        file.AddRange(writer.Ready);
        return [.. file];
    }

    private static SnapshotError TryRead(byte[] file, out List<string> lines, out long millis)
    {
        lines = [];
        SnapshotError error = SnapshotFormat.TryReadHeader(file, out millis, out uint seed);
        if (error != SnapshotError.None) return error;
        var contents = new List<SnapshotContent>();
        int at = SnapshotFormat.HeaderBytes;
        for (uint number = 0; ; number++)
        {
            if (file.Length - at < SnapshotFormat.BlockHeaderBytes) return SnapshotError.Truncated;
            ReadOnlySpan<byte> header = file.AsSpan(at, SnapshotFormat.BlockHeaderBytes);
            int length = SnapshotFormat.ReadPayloadLength(header, number);
            at += SnapshotFormat.BlockHeaderBytes;
            if (length == 0) return SnapshotError.BadChecksum;
            if (file.Length - at < length) return SnapshotError.Truncated;
            ReadOnlySpan<byte> payload = file.AsSpan(at, length);
            at += length;
            if (!SnapshotFormat.IsIntact(header, seed, payload)) return SnapshotError.BadChecksum;
            if (SnapshotReader.TryReadEnd(payload, out _, out _)) return at == file.Length ? SnapshotError.None : SnapshotError.Malformed;
            if (!TryReadBlock(payload, contents, lines)) return SnapshotError.Malformed;
        }
    }

    private static bool TryReadBlock(ReadOnlySpan<byte> payload, List<SnapshotContent> contents, List<string> lines)
    {
        var reader = new SnapshotReader(payload, contents);
        while (reader.TryReadRegistrant(out SnapshotRegistrant registrant))
        {
            while (reader.TryReadEntry(out SnapshotEntry entry))
            {
                var chunks = new ChunkSet();
                SnapshotRuns runs = entry.Runs;
                while (runs.TryRead(out ChunkRange run)) chunks.Add(run);
                lines.Add(Line(
                    registrant.Key, registrant.Listed, registrant.Candidates, registrant.SocketNumber, Now + registrant.LeaseEnd, entry.Name, entry.Content, entry.IsListed, chunks));
            }
        }

        return reader.IsAtEnd;
    }

    private static List<string> Describe(TrackerRegistry registry)
    {
        var lines = new List<string>();
        foreach (RegistrantKey key in registry.OwnKeys())
        {
            Registrant registrant = registry.Find(key)!;
            foreach (SwarmEntry entry in registrant.Entries.Values)
            {
                lines.Add(Line(
                    key, registrant.Listed, registrant.Candidates, registrant.SocketNumber, LeaseWheel.EndOf(registrant), entry.File.Name, entry.Content?.Description,
                    entry.IsListed, entry.Chunks));
            }
        }

        return lines;
    }

    private static string Line(
        RegistrantKey key, TransportAddress listed, ReadOnlySpan<byte> candidates, int socket, MonotonicTime leaseEnd, ReadOnlySpan<byte> name,
        ContentDescription? content, bool isListed, object chunks) =>
        $"{key} {listed} {Encoding.UTF8.GetString(candidates)} {socket} {leaseEnd.Micros} {Encoding.UTF8.GetString(name)} {content} {isListed} {chunks}";

    private static TrackerRegistry Filled(Random random, int registrants)
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        for (int i = 0; i < registrants; i++)
        {
            registry.Refresh(Now, KeyOf(i), TimeSpan.FromSeconds(random.Next(20, 3_000)), out Registrant? registrant, out _);
            registrant!.Listed = i % 4 == 0 ? Address(i + 77) : registrant.Key.Source;
            registrant.Candidates = i % 5 == 0 ? Bytes("203.0.113.9:1,[2001:db8::2]:2") : [];
            registrant.SocketNumber = i % 3;
            for (int entries = random.Next(1, 4); entries > 0; entries--)
            {
                int file = random.Next(50);
                ContentDescription? content = file % 2 == 0 ? new ContentDescription(1L << 30, 1 << 16, Sha256Digest.Of([(byte)file]), ShareKind.File) : null;
                RegistryResult result = registry.Add(registrant, new Offering
                {
                    Name = Bytes($"file {file}"), Chunk = -1, Chunks = Bytes($"{random.Next(1, 9)},{random.Next(20, 30)}-{random.Next(40, 16_000)}"),
                    Content = content, IsListed = file % 3 == 0,
                });
                Assert.AreEqual(RegistryResult.Done, result);
            }
        }

        return registry;
    }

    private static RegistrantKey KeyOf(int i) => (i % 3) switch
    {
        0 => RegistrantKey.Proven(Address(i), Id(i)),
        1 => RegistrantKey.Unproven(Address(i), Address(i)),
        _ => RegistrantKey.Proven(TransportAddress.FromBits(((UInt128)0x20010db8 << 96) + (UInt128)i, 6881), Id(i)),
    };

    private static TransportAddress Address(int i) => TransportAddress.FromIPv4(0x0A000000 + (uint)i, 6881);

    private static PeerId Id(int i) => new(Sha256(i));

    private static byte[] Sha256(int i) => System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(i));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
