using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// The replies of the original document, for programs without extensions: one entry a chunk, all in one datagram.
/// <code>
/// RESPONSE test.txt 1 203.0.113.5 6881|test.txt 2 203.0.113.6 6881|
/// RESPONSE a.txt, b.txt          RESPONSE test.txt          RESPONSE Not Found          RESPONSE OK
/// </code>
/// </summary>
internal static class LiteralReplies
{
    private const int MaxPeersInSample = 64;
    private const int EntryBytesBesideName = 34;   // spaces, bar, IPv4 address, port and a chunk number of six digits

    /// <summary>Who has which chunks. What does not fit one datagram is sampled, from many peers.</summary>
    public static void WriteEntries(ref TrackerTextWriter reply, SharedFile? file, Random random)
    {
        reply.Text("RESPONSE "u8);
        if (file is null) return;
        int start = reply.Length;
        if (TryWriteAll(ref reply, file)) return;
        reply.Rewind(start);
        reply.Name(file.Name, escapeEquals: false);
        int entryBytes = reply.Length - start + EntryBytesBesideName;
        reply.Rewind(start);
        int chunksPerPeer = Math.Max(1, reply.Free.Length / entryBytes / Math.Min(MaxPeersInSample, file.Entries.Count));
        int first = random.Next(file.Entries.SlotCount);
        for (int i = 0; i < file.Entries.SlotCount; i++)
        {
            if (file.Entries.At((first + i) % file.Entries.SlotCount) is not { } entry || !SharedFile.Matches(entry, file.MainContent, exact: false) || entry.Chunks.IsEmpty) continue;
            if (!TryWriteSample(ref reply, entry, chunksPerPeer, random)) return;
        }
    }

    /// <summary>The names of the listed files, as many as fit.</summary>
    public static void WriteNames(ref TrackerTextWriter reply, OrderedSlots<SharedFile> files)
    {
        reply.Text("RESPONSE "u8);
        bool isFirst = true;
        for (int i = 0; i < files.SlotCount; i++)
        {
            if (files.At(i) is not { } file) continue;
            int before = reply.Length;
            if (!isFirst) reply.Text(", "u8);
            reply.Name(file.Name, escapeEquals: false);
            isFirst = false;
            if (!reply.Overflowed) continue;
            reply.Rewind(before);
            return;
        }
    }

    /// <summary>Whether there is a file.</summary>
    public static void WriteFile(ref TrackerTextWriter reply, SharedFile? file)
    {
        reply.Text("RESPONSE "u8);
        if (file is null) reply.Text("Not Found"u8);
        else reply.Name(file.Name, escapeEquals: false);
    }

    private static bool TryWriteAll(ref TrackerTextWriter reply, SharedFile file)
    {
        for (int i = 0; i < file.Entries.SlotCount; i++)
        {
            if (file.Entries.At(i) is not { } entry || !SharedFile.Matches(entry, file.MainContent, exact: false)) continue;
            foreach (ChunkRange run in entry.Chunks.Runs)
            {
                for (int chunk = run.First; chunk < run.End; chunk++)
                {
                    if (!TryWriteEntry(ref reply, entry, chunk)) return false;
                }
            }
        }

        return true;
    }

    private static bool TryWriteSample(ref TrackerTextWriter reply, SwarmEntry entry, int chunks, Random random)
    {
        ReadOnlySpan<ChunkRange> runs = entry.Chunks.Runs;
        int at = random.Next(runs.Length);
        int chunk = runs[at].First + random.Next(runs[at].Count);
        for (int written = 0; written < Math.Min(chunks, entry.Chunks.Count); written++)
        {
            if (!TryWriteEntry(ref reply, entry, chunk)) return false;
            if (++chunk < runs[at].End) continue;
            at = (at + 1) % runs.Length;
            chunk = runs[at].First;
        }

        return true;
    }

    private static bool TryWriteEntry(ref TrackerTextWriter reply, SwarmEntry entry, int chunk)
    {
        int before = reply.Length;
        reply.Name(entry.File.Name, escapeEquals: false);
        reply.Text(" "u8);
        reply.Number(chunk + 1L);
        reply.Text(" "u8);
        reply.AddressAndPort(entry.Owner.Listed);
        reply.Text("|"u8);
        if (!reply.Overflowed) return true;
        reply.Rewind(before);
        return false;
    }
}
