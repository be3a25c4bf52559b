using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Unicode;

namespace CS3103P2P.Protocol;

/// <summary>
/// The canonical bytes of a manifest. Numbers are varints (7 bits a byte, least significant first, shortest form); lists are sorted by the UTF-8
/// bytes of the paths.
/// <code>
/// 'P' '2' 'P' 'M' | version 1 | log2 of the chunk size
/// number of files         | each: path length, path, file length, root (32 bytes)
/// number of empty folders | each: path length, path
/// </code>
/// </summary>
internal static class ManifestCodec
{
    private const byte Version = 1;
    private const int MaxVarintBytes = 9; // 63 bits

    private static ReadOnlySpan<byte> Magic => "P2PM"u8;

    /// <summary>Writes entries that are valid and sorted.</summary>
    internal static byte[] Write(int chunkSize, ManifestFile[] files, string[] emptyFolders)
    {
        var output = new ArrayBufferWriter<byte>(256);
        output.Write(Magic);
        output.Write([Version, (byte)BitOperations.Log2((uint)chunkSize)]);
        WriteVarint(output, files.Length);
        foreach (ManifestFile file in files)
        {
            WritePath(output, file.Path);
            WriteVarint(output, file.Length);
            file.Root.CopyTo(output.GetSpan(Sha256Digest.SizeInBytes));
            output.Advance(Sha256Digest.SizeInBytes);
        }

        WriteVarint(output, emptyFolders.Length);
        foreach (string folder in emptyFolders) WritePath(output, folder);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads the form alone: lengths, order, canonical numbers. The rules for paths are for the caller to check.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out int chunkSize, out ManifestFile[] files, out string[] emptyFolders)
    {
        (chunkSize, files, emptyFolders) = (0, [], []);
        int header = Magic.Length + 2;
        if (bytes.Length < header || bytes.Length > ShareManifest.MaxBytes || !bytes.StartsWith(Magic)) return false;
        if (bytes[Magic.Length] != Version || bytes[Magic.Length + 1] >= 31) return false;
        chunkSize = 1 << bytes[Magic.Length + 1];
        if (!ChunkSize.IsValid(chunkSize)) return false;
        bytes = bytes[header..];
        return TryReadFiles(ref bytes, out files) && TryReadFolders(ref bytes, out emptyFolders) && bytes.IsEmpty;
    }

    private static bool TryReadFiles(ref ReadOnlySpan<byte> bytes, out ManifestFile[] files)
    {
        files = [];
        if (!TryReadCount(ref bytes, Sha256Digest.SizeInBytes + 3, out int count)) return false;
        var read = new ManifestFile[count];
        ReadOnlySpan<byte> previous = default;
        for (int i = 0; i < count; i++)
        {
            if (!TryReadPath(ref bytes, ref previous, out string path) || !TryReadVarint(ref bytes, out long length)) return false;
            if (bytes.Length < Sha256Digest.SizeInBytes) return false;
            read[i] = new ManifestFile(path, length, new Sha256Digest(bytes[..Sha256Digest.SizeInBytes]));
            bytes = bytes[Sha256Digest.SizeInBytes..];
        }

        files = read;
        return true;
    }

    private static bool TryReadFolders(ref ReadOnlySpan<byte> bytes, out string[] folders)
    {
        folders = [];
        if (!TryReadCount(ref bytes, 2, out int count)) return false;
        string[] read = new string[count];
        ReadOnlySpan<byte> previous = default;
        for (int i = 0; i < count; i++)
        {
            if (!TryReadPath(ref bytes, ref previous, out read[i])) return false;
        }

        folders = read;
        return true;
    }

    // A count is believed only as far as the bytes that follow could hold so many entries.
    private static bool TryReadCount(ref ReadOnlySpan<byte> bytes, int minEntryBytes, out int count)
    {
        count = 0;
        if (!TryReadVarint(ref bytes, out long value) || value > ShareManifest.MaxEntries || value > bytes.Length / minEntryBytes) return false;
        count = (int)value;
        return true;
    }

    private static bool TryReadPath(ref ReadOnlySpan<byte> bytes, ref ReadOnlySpan<byte> previous, out string path)
    {
        path = string.Empty;
        if (!TryReadVarint(ref bytes, out long length) || length > ManifestPath.MaxBytes || length > bytes.Length) return false;
        ReadOnlySpan<byte> utf8 = bytes[..(int)length];
        if (utf8.SequenceCompareTo(previous) <= 0 || !Utf8.IsValid(utf8)) return false;
        path = Encoding.UTF8.GetString(utf8);
        previous = utf8;
        bytes = bytes[(int)length..];
        return true;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out long value)
    {
        value = 0;
        for (int i = 0; i < bytes.Length && i < MaxVarintBytes; i++)
        {
            value |= (long)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            if (i > 0 && bytes[i] == 0) return false; // not the shortest form
            bytes = bytes[(i + 1)..];
            return true;
        }

        return false;
    }

    private static void WritePath(ArrayBufferWriter<byte> output, string path)
    {
        WriteVarint(output, Encoding.UTF8.GetByteCount(path));
        Encoding.UTF8.GetBytes(path, output);
    }

    private static void WriteVarint(ArrayBufferWriter<byte> output, long value)
    {
        for (; value >= 0x80; value >>= 7) output.Write([(byte)(value | 0x80)]);
        output.Write([(byte)value]);
    }
}
