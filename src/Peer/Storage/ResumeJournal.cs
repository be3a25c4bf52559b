using System.Buffers;
using System.Buffers.Binary;
using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>
/// Appends to the journal of a download and reads it back; see <see cref="JournalFormat"/>. Holding it open keeps other processes from the same
/// download. Not thread-safe.
/// </summary>
internal sealed class ResumeJournal(IDiskFile file) : IDisposable
{
    private bool _disposed;

    /// <summary>Where the next record goes; also the place before which a sync covers everything.</summary>
    internal long Length { get; private set; }

    /// <summary>Starts anew for a share.</summary>
    internal void Reset(ShareDescriptor descriptor)
    {
        file.SetLength(0);
        file.Write(JournalFormat.MakeHeader(descriptor), 0);
        Length = JournalFormat.HeaderBytes;
        file.Flush();
    }

    /// <summary>What the file begins with.</summary>
    internal JournalHeader ReadHeader(ShareDescriptor descriptor)
    {
        byte[] header = new byte[JournalFormat.HeaderBytes];
        int read = file.Read(header, 0);
        if (read < header.Length) return JournalHeader.None; // a crash came before anything could be received
        if (!JournalFormat.IsHeader(header)) return JournalHeader.Damaged;
        return header.AsSpan().SequenceEqual(JournalFormat.MakeHeader(descriptor)) ? JournalHeader.Matches : JournalHeader.OtherShare;
    }

    /// <summary>Hands over all intact records in their order, up to the first that is not; appending goes on from there.</summary>
    /// <param name="apply">Takes place, type and payload; false to treat the record as damaged.</param>
    /// <returns>Whether the end is as a crash may leave it; false when there is damage in the middle.</returns>
    internal bool Replay(Func<long, JournalRecordType, ReadOnlyMemory<byte>, bool> apply)
    {
        long end = file.Stamp.Length;
        long position = JournalFormat.HeaderBytes;
        byte[] prefix = new byte[JournalFormat.RecordPrefixBytes];
        bool clean = true;
        while (position < end)
        {
            if (file.Read(prefix, position) < prefix.Length) break;
            bool plausible = JournalFormat.TryReadPrefix(prefix, out JournalRecordType type, out int payloadBytes);
            int recordBytes = JournalFormat.RecordPrefixBytes + payloadBytes + JournalFormat.ChecksumBytes;
            if (plausible && position + recordBytes > end) break;
            byte[] record = plausible ? new byte[recordBytes] : [];
            clean = plausible && file.Read(record, position) == recordBytes && JournalFormat.IsIntact(position, record)
                && apply(position, type, record.AsMemory(JournalFormat.RecordPrefixBytes, payloadBytes));
            if (!clean) break;
            position += recordBytes;
        }

        Length = position;
        return clean;
    }

    /// <summary>Drops what follows the last intact record.</summary>
    internal void CutTail() => file.SetLength(Length);

    /// <summary>Writes a copy of the whole journal, for a person to look at.</summary>
    internal void CopyTo(IDiskFile copy)
    {
        byte[] buffer = new byte[64 * 1024];
        copy.SetLength(0);
        for (long at = 0; ;)
        {
            int read = file.Read(buffer, at);
            if (read == 0) return;
            copy.Write(buffer.AsSpan(0, read), at);
            at += read;
        }
    }

    internal void AppendBoot(ReadOnlySpan<byte> bootId) => Append(JournalRecordType.Boot, bootId);

    internal void AppendManifest(ReadOnlySpan<byte> manifest) => Append(JournalRecordType.Manifest, manifest);

    internal void AppendHashes(JournalRecordType type, int index, ReadOnlySpan<byte> digests)
    {
        byte[] payload = new byte[sizeof(int) + digests.Length];
        BinaryPrimitives.WriteInt32LittleEndian(payload, index);
        digests.CopyTo(payload.AsSpan(sizeof(int)));
        Append(type, payload);
    }

    internal void AppendWritten(ChunkSet chunks) => AppendRuns(JournalRecordType.Written, chunks);

    internal void AppendSynced(long before)
    {
        Span<byte> payload = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(payload, before);
        Append(JournalRecordType.Synced, payload);
    }

    internal void AppendLost(ChunkSet chunks) => AppendRuns(JournalRecordType.Lost, chunks);

    /// <summary>Takes back every record from this place on; needs no space on disk.</summary>
    internal void Rewind(long position)
    {
        file.SetLength(position);
        Length = position;
    }

    internal void Flush() => file.Flush();

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        file.Dispose();
    }

    private void AppendRuns(JournalRecordType type, ChunkSet chunks)
    {
        byte[] buffer = Rent(chunks.RunCount * JournalFormat.RunBytes, out Span<byte> record, out Span<byte> payload);
        JournalFormat.WriteRuns(chunks.Runs, payload);
        Complete(type, record);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Append(JournalRecordType type, ReadOnlySpan<byte> payload)
    {
        byte[] buffer = Rent(payload.Length, out Span<byte> record, out Span<byte> place);
        payload.CopyTo(place);
        Complete(type, record);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    // When the write fails, the length stays, and the next record overwrites what may have got through.
    private void Complete(JournalRecordType type, Span<byte> record)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        JournalFormat.CompleteRecord(Length, type, record);
        file.Write(record, Length);
        Length += record.Length;
    }

    private static byte[] Rent(int payloadBytes, out Span<byte> record, out Span<byte> payload)
    {
        int recordBytes = JournalFormat.RecordPrefixBytes + payloadBytes + JournalFormat.ChecksumBytes;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(recordBytes);
        record = buffer.AsSpan(0, recordBytes);
        payload = record.Slice(JournalFormat.RecordPrefixBytes, payloadBytes);
        return buffer;
    }
}
