using System.Globalization;
using System.Text;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// The plain exchange of the existing programs: <c>DOWNLOAD &lt;file&gt; &lt;chunk&gt;</c>, answered by a header of 10 bytes and the data.
/// <code>
/// | chunk number, from 1: int32 LE | data size: int32 LE | 1 for the last chunk | 0 | data |
/// </code>
/// </summary>
/// <param name="Name">The file.</param>
/// <param name="Chunk">The chunk, from 0.</param>
internal readonly record struct PlainRequest(string Name, int Chunk)
{
    /// <summary>Length of the answer's header, in bytes.</summary>
    public const int HeaderBytes = 10;

    /// <summary>Longest request, in bytes.</summary>
    public const int MaxBytes = 2048;

    /// <summary>How every request begins.</summary>
    public static ReadOnlySpan<byte> Prefix => "DOWNLOAD "u8;

    /// <summary>The answer to a request for a chunk that is not there.</summary>
    public static ReadOnlySpan<byte> NotFound => "CHUNK NOT FOUND\0"u8;

    /// <summary>Reads a request; the chunk is the last word, so that a name may hold blanks.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out PlainRequest request)
    {
        request = default;
        if (!bytes.StartsWith(Prefix)) return false;
        ReadOnlySpan<byte> rest = bytes[Prefix.Length..].TrimEnd("\0\r\n "u8);
        int blank = rest.LastIndexOf((byte)' ');
        if (blank <= 0) return false;
        if (!int.TryParse(rest[(blank + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1) return false;
        request = new PlainRequest(Encoding.UTF8.GetString(rest[..blank]), number - 1);
        return true;
    }

    /// <summary>The request as it is sent.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DOWNLOAD {Name} {Chunk + 1}"));
}
