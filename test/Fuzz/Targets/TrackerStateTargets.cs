using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Samples.Tracker;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Tracker.Snapshots;
using CS3103P2P.Transport;
using Microsoft.Extensions.Configuration;

namespace CS3103P2P.Fuzz;

/// <summary>What the tracker reads from the disk: its snapshot and its settings.</summary>
internal static class TrackerStateTargets
{
    private static readonly MonotonicTime Now = new(5_000_000);

    private static readonly byte[][] Settings =
    [
        Encoding.UTF8.GetBytes("""{ "listen": ["0.0.0.0:80", "[::]:80"], "stun": "127.0.0.1:3478,127.0.0.2", "http": "127.0.0.1:8081", "limits": { "entries": 4000000, "lease": 120 } }"""),
        Encoding.UTF8.GetBytes("""{ "relay": "203.0.113.5", "publicAddress": "203.0.113.5", "tcp": "off", "state": "/x", "statePeriod": 2.5, "log": "debug", "logFormat": "json" }"""),
        Encoding.UTF8.GetBytes("""{ "registry": "memory", "otlp": "http://127.0.0.1:4317", "limits": { "files": 1, "entriesPerSource": 5, "requestsPerSecond": 0, "literalLease": 10 } }"""),
    ];

    public static IEnumerable<FuzzTarget> Create()
    {
        byte[] snapshot = Snapshot();
        yield return new FuzzTarget("snapshot file", ReadFile, [snapshot], 5);
        yield return new FuzzTarget("snapshot block", NewBlockReader(), [Payload(snapshot)], 10);
        yield return new FuzzTarget("tracker settings", ReadSettings, Settings, 1);
    }

    private static byte[] Snapshot()
    {
        var registry = new TrackerRegistry(new RegistryLimits());
        for (int i = 0; i < 6; i++)
        {
            TransportAddress address = i % 2 == 0 ? TransportAddress.FromIPv4(0xCB007100 + (uint)i, 6881) : TransportAddress.FromBits(((UInt128)0x20010db8 << 96) + (UInt128)i, 6881);
            RegistrantKey key = i % 3 == 0 ? RegistrantKey.Unproven(address, address) : RegistrantKey.Proven(address, new PeerId([.. Enumerable.Repeat((byte)(i + 1), PeerId.SizeInBytes)]));
            registry.Refresh(Now, key, null, out Registrant? registrant, out _);
            registrant!.Listed = address;
            if (i % 2 == 1) registrant.Candidates = "203.0.113.9:1"u8.ToArray();
            ContentDescription? content = i < 3 ? new ContentDescription(20_480_000, 2_048, Sha256Digest.Of([1]), ShareKind.File) : null;
            registry.Add(registrant, new Offering { Name = Encoding.UTF8.GetBytes($"file {i % 4}"), Chunk = i, Chunks = "10-20,30"u8, Content = content, IsListed = i % 2 == 0 });
        }

        var writer = new SnapshotWriter(Now, 1_700_000_000_000);
        for (int cursor = registry.ExportStart; cursor > 0;) cursor = registry.Export(cursor, 2, writer);
        writer.Complete();
        return writer.Ready.ToArray();
    }

    private static byte[] Payload(byte[] snapshot)
    {
        ReadOnlySpan<byte> block = snapshot.AsSpan(SnapshotFormat.HeaderBytes);
        return block.Slice(SnapshotFormat.BlockHeaderBytes, SnapshotFormat.ReadPayloadLength(block, 0)).ToArray();
    }

    private static void ReadFile(ReadOnlySpan<byte> input)
    {
        if (SnapshotFormat.TryReadHeader(input, out long millis, out uint seed) != SnapshotError.None) return;
        Check.That(millis >= 0, "a snapshot from before 1970");
        ReadOnlySpan<byte> rest = input[SnapshotFormat.HeaderBytes..];
        for (uint number = 0; rest.Length > SnapshotFormat.BlockHeaderBytes; number++)
        {
            int length = SnapshotFormat.ReadPayloadLength(rest, number);
            if (length == 0 || length > rest.Length - SnapshotFormat.BlockHeaderBytes) return;
            ReadOnlySpan<byte> payload = rest.Slice(SnapshotFormat.BlockHeaderBytes, length);
            if (!SnapshotFormat.IsIntact(rest, seed, payload)) return;
            rest = rest[(SnapshotFormat.BlockHeaderBytes + length)..];
        }
    }

    private static FuzzInput NewBlockReader()
    {
        var contents = new List<SnapshotContent>();
        return input =>
        {
            var reader = new SnapshotReader(input, contents);
            while (reader.TryReadRegistrant(out SnapshotRegistrant registrant))
            {
                Check.That(registrant.LeaseEnd >= TimeSpan.Zero, "a lease that ended before the snapshot");
                while (reader.TryReadEntry(out SnapshotEntry entry))
                {
                    Check.That(entry.Name.Length is > 0 and <= ShareName.MaxBytes, "a name of a forbidden length");
                    int reached = -1;
                    SnapshotRuns runs = entry.Runs;
                    while (runs.TryRead(out ChunkRange run))
                    {
                        Check.That(run.First > reached && run.Count > 0, "runs out of order");
                        reached = run.First;
                    }
                }
            }
        };
    }

    private static void ReadSettings(ReadOnlySpan<byte> input)
    {
        try
        {
            using var json = new MemoryStream(input.ToArray());
            var configuration = (IConfigurationRoot)new ConfigurationBuilder().AddJsonStream(json).Build();
            TrackerSettings settings = TrackerSettings.Read(new SettingsReader(configuration));
            Check.That(settings.MaxEntries is >= 1 and <= 50_000_000 && settings.Lease >= TimeSpan.FromSeconds(10), "settings beyond their ranges");
        }
        catch (Exception e) when (e is SettingsException || SettingsSources.IsUnreadable(e))
        {
            Check.That(e.Message.Length > 0, "a refusal without a word");
        }
    }
}
