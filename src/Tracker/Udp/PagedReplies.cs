using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// The replies for programs with extensions: runs of chunks instead of one entry a chunk, and pages of at most 1,200 bytes.
/// <code>
/// RESPONSE test.txt 1-512,600 203.0.113.5 6881 peer=ab..|test.txt 2 203.0.113.6 6881| size=.. chunk=.. root=.. kind=file peers=2 id=7
/// </code>
/// </summary>
internal static class PagedReplies
{
    /// <summary>Most peers that one lookup names; a larger swarm is sampled.</summary>
    public const int MaxPeersPerLookup = 200;

    private const int MaxMarkBytes = TrackerLimits.MaxPageLength + 6;
    private const int MaxSuffixBytes = 400;
    private const int MaxRunsOfFullest = 16;   // stands whole on a page

    /// <summary>Who has which chunks, from a page mark on.</summary>
    public static void WriteEntries(
        ref TrackerTextWriter reply, SharedFile? file, in TrackerExtensions asked, scoped ReadOnlySpan<byte> tail, Random random, ReplyCache cache, MonotonicTime now)
    {
        bool mayKeep = file is not null && !asked.HasRoot && asked.Page.IsEmpty;
        if (mayKeep && cache.TryWrite(ref reply, file!, tail, now)) return;
        reply.Text("RESPONSE "u8);
        SharedContent? content = asked.HasRoot ? file?.FindContent(asked.Root) : file?.MainContent;
        if (file is null || (asked.HasRoot && content is null))
        {
            reply.Text("peers=0"u8);
            reply.Text(tail);
            return;
        }

        Span<byte> endBytes = stackalloc byte[TrackerLimits.MaxDatagramBytes];
        var end = new TrackerTextWriter(endBytes);
        Describe(ref end, file, content);
        int room = TrackerLimits.MaxDatagramBytes - end.Length - TrackerCore.MaxTailBytes - MaxMarkBytes;
        PageMark? next = WritePage(ref reply, file, content, asked, room, random);
        reply.Text(end.Written);
        int tailAt = reply.Length;
        reply.Text(tail);
        next?.WriteTo(ref reply);
        if (mayKeep) cache.Keep(file, reply.Written, tailAt, tail.Length, file.Entries.Count > MaxPeersPerLookup, now);
    }

    /// <summary>The names of the listed files, from a page mark on.</summary>
    public static void WriteNames(ref TrackerTextWriter reply, OrderedSlots<SharedFile> files, ReadOnlySpan<byte> page, scoped ReadOnlySpan<byte> tail)
    {
        long from = PageMark.TryParse(page, out PageMark mark) ? mark.Number : 0;
        int room = TrackerLimits.MaxDatagramBytes - tail.Length - MaxMarkBytes;
        reply.Text("RESPONSE "u8);
        bool isFirst = true;
        for (int i = files.IndexOf(from); i < files.SlotCount; i++)
        {
            if (files.At(i) is not { } file) continue;
            int before = reply.Length;
            if (!isFirst) reply.Text(", "u8);
            reply.Name(file.Name, escapeEquals: true);
            isFirst = false;
            if (reply.Length <= room && !reply.Overflowed) continue;
            reply.Rewind(before);
            reply.Text(tail);
            new PageMark(files.NumberAt(i), 0, 1).WriteTo(ref reply);
            return;
        }

        reply.Text(tail);
    }

    /// <summary>Whether there is a file, and what it is.</summary>
    public static void WriteFile(ref TrackerTextWriter reply, SharedFile? file, in TrackerExtensions asked, scoped ReadOnlySpan<byte> tail)
    {
        reply.Text("RESPONSE "u8);
        SharedContent? content = asked.HasRoot ? file?.FindContent(asked.Root) : file?.MainContent;
        if (file is null || (asked.HasRoot && content is null))
        {
            reply.Text("Not Found"u8);
        }
        else
        {
            reply.Name(file.Name, escapeEquals: true);
            Describe(ref reply, file, content);
        }

        reply.Text(tail);
    }

    private static PageMark? WritePage(
        ref TrackerTextWriter reply, SharedFile file, SharedContent? content, in TrackerExtensions asked, int room, Random random)
    {
        EntrySlots entries = file.Entries;
        int left = Math.Min(entries.Count, MaxPeersPerLookup);
        int at = entries.Count > MaxPeersPerLookup ? random.Next(entries.SlotCount) : 0;
        int chunk = 0;
        if (PageMark.TryParse(asked.Page, out PageMark mark))
        {
            at = entries.IndexOf(mark.Number) % entries.SlotCount;
            left = Math.Min(left, mark.Left);
            chunk = entries.NumberAt(at) == mark.Number ? mark.Chunk : 0;
        }

        bool isFirst = true;
        int named = EntryData.None;
        if (entries.Count > MaxPeersPerLookup && file.Fullest is { } fullest && fullest.Chunks.RunCount <= MaxRunsOfFullest && SharedFile.Matches(fullest, content, asked.HasRoot))
        {
            // A sample begins with a peer that has most: so it covers the rarest chunks when anybody has all.
            named = fullest.Id;
            if (asked.Page.IsEmpty)
            {
                WriteEntry(ref reply, fullest, 0, room, isFirst);
                isFirst = false;
                left--;
            }
        }

        for (int steps = 0; left > 0 && steps < entries.SlotCount; steps++, at = (at + 1) % entries.SlotCount, chunk = 0)
        {
            if (entries.At(at) is not { } entry || entry.Id == named) continue;
            if (SharedFile.Matches(entry, content, asked.HasRoot))
            {
                int? goOn = WriteEntry(ref reply, entry, chunk, room, isFirst);
                isFirst = false;
                if (goOn is { } nextChunk) return new PageMark(entry.Number, nextChunk, left);
            }

            left--;
        }

        return null;
    }

    // Null when the entry stands whole; otherwise the chunk with which the next page goes on. The first entry of a page always has room for
    // its name and a run; further addresses are left out where they would take it.
    private static int? WriteEntry(ref TrackerTextWriter reply, SwarmEntry entry, int fromChunk, int room, bool isFirst)
    {
        Span<byte> suffixBytes = stackalloc byte[MaxSuffixBytes];
        var suffix = new TrackerTextWriter(suffixBytes);
        suffix.Text(" "u8);
        suffix.AddressAndPort(entry.Owner.Listed);
        if (!entry.Owner.Key.Peer.IsEmpty) suffix.Extension("peer"u8, entry.Owner.Key.Peer);
        int before = reply.Length;
        reply.Name(entry.File.Name, escapeEquals: true);
        reply.Text(" "u8);
        int candidates = entry.Owner.Candidates.Length;
        if (candidates > 0 && reply.Length + suffix.Length + candidates + ChunkText.MaxRunLength + 8 <= room) suffix.Extension("cand"u8, entry.Owner.Candidates);
        suffix.Text("|"u8);
        int forChunks = room - reply.Length - suffix.Length;
        if (forChunks < ChunkText.MaxRunLength && !isFirst)
        {
            reply.Rewind(before);
            return fromChunk;
        }

        bool isWhole = entry.Chunks.TryFormat(reply.Free[..Math.Max(0, forChunks)], fromChunk, out int written, out int nextChunk);
        reply.Advance(written);
        if (written == 0) reply.Text("-"u8);
        reply.Text(suffix.Written);
        return isWhole ? null : nextChunk;
    }

    private static void Describe(ref TrackerTextWriter reply, SharedFile file, SharedContent? content)
    {
        if (content is { Description: var told }) reply.Describe(told.SizeBytes, told.ChunkSize, told.Root, told.Kind);
        reply.Extension("peers"u8, file.Entries.Count);
    }
}
