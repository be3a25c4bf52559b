using CS3103P2P.Protocol;

namespace CS3103P2P.Peer;

/// <summary>Reads parts of chunks from files that may have been changed by others.</summary>
internal static class ChunkReader
{
    /// <summary>Reads up to the end of the chunk.</summary>
    /// <param name="files">The files of the share.</param>
    /// <param name="place">The chunk.</param>
    /// <param name="offset">Where to start in the chunk, in bytes.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="expected">What the file looked like when its chunks were verified; null while it is still being written.</param>
    /// <returns>Bytes read; -1 when the file is not as expected.</returns>
    internal static int Read(FileSet files, in ChunkPlace place, int offset, Span<byte> buffer, FileStamp? expected)
    {
        if (offset >= place.Length) return 0;
        int length = Math.Min(buffer.Length, place.Length - offset);
        try
        {
            using FileSet.Lease lease = files.Rent(place.File);
            int read = lease.File.Read(buffer[..length], place.Offset + offset);

            // The stamp is looked at after the read: a change that came before it shows, one that comes later did not matter.
            return read == length && (expected is null || lease.File.Stamp == expected) ? read : -1;
        }
        catch (StorageException e) when (e.Reason == StorageErrorReason.NotFound)
        {
            return -1;
        }
    }
}
