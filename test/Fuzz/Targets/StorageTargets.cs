using System.Buffers.Binary;
using CS3103P2P.Peer;
using CS3103P2P.Protocol;

namespace CS3103P2P.Fuzz;

/// <summary>What is read back from the disk: the journal of a download.</summary>
internal static class StorageTargets
{
    private static readonly ShareDescriptor Descriptor = new("f.bin", ShareKind.File, 1_000_000, 16_384, Sha256Digest.Of("x"u8));

    public static IEnumerable<FuzzTarget> Create()
    {
        yield return new FuzzTarget("resume file", ReadJournal, [Journal()], 8);
        yield return new FuzzTarget("resume records", ReadRecord, Records(), 15);
        yield return new FuzzTarget("chunk bitmap", ReadBitmap, [new byte[8], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F]]);
    }

    private static void ReadJournal(ReadOnlySpan<byte> input)
    {
        using var journal = new ResumeJournal(new MemoryFile(input.ToArray()));
        if (journal.ReadHeader(Descriptor) != JournalHeader.Matches) return;
        var state = new ResumeState(Descriptor, new byte[JournalFormat.BootIdBytes]);
        journal.Replay(state.Apply);
        state.Finish();
        Check.That(state.Trusted.Count + state.Doubtful.Count <= Descriptor.ChunkCount * 2, "more chunks than there are");
    }

    // Without the checksum, which hides almost everything from the one above.
    private static void ReadRecord(ReadOnlySpan<byte> input)
    {
        var state = new ResumeState(Descriptor, new byte[JournalFormat.BootIdBytes]);
        for (long position = JournalFormat.HeaderBytes; input.Length > 2; position += 64)
        {
            int length = Math.Min(input[1], input.Length - 2);
            if (!state.Apply(position, (JournalRecordType)input[0], input.Slice(2, length).ToArray())) break;
            input = input[(2 + length)..];
        }

        state.Finish();
        if (!state.Trusted.IsEmpty) Check.That(state.Trusted.Runs[^1].End <= Descriptor.ChunkCount, "a chunk beyond the end");
    }

    private static void ReadBitmap(ReadOnlySpan<byte> input)
    {
        if (ChunkBitmap.TryRead(input, 61, out ChunkBitmap bitmap)) Check.That(bitmap.Count <= 61, "too many chunks");
    }

    private static byte[] Journal()
    {
        var file = new MemoryFile([]);
        using var journal = new ResumeJournal(file);
        journal.Reset(Descriptor);
        journal.AppendBoot(new byte[JournalFormat.BootIdBytes]);
        journal.AppendWritten(new ChunkSet(new ChunkRange(0, 7)));
        journal.AppendSynced(journal.Length);
        journal.AppendLost(new ChunkSet(new ChunkRange(2, 2)));
        return file.ToArray();
    }

    private static byte[][] Records()
    {
        byte[] place = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(place, 1_000);
        byte[] runs = [0, 0, 0, 0, 7, 0, 0, 0];
        return
        [
            .. Enum.GetValues<JournalRecordType>().Select(type => (byte[])[(byte)type, (byte)runs.Length, .. runs]),
            [(byte)JournalRecordType.Written, (byte)runs.Length, .. runs, (byte)JournalRecordType.Synced, (byte)place.Length, .. place],
            [(byte)JournalRecordType.Boot, JournalFormat.BootIdBytes, .. new byte[JournalFormat.BootIdBytes]],
        ];
    }
}
