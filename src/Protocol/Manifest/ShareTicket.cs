using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace CS3103P2P.Protocol;

/// <summary>
/// All that is needed to fetch a share exactly, as one line of text to be passed from person to person:
/// <c>p2p:NAME?root=HEX&amp;size=BYTES&amp;chunk=BYTES&amp;kind=file|dir[&amp;tracker=HOST:PORT]...[&amp;secret=BASE64URL]</c>.
/// The name and trackers are percent-encoded (RFC 3986 §2.1); parameters come in any order, unknown ones are ignored.
/// </summary>
public sealed class ShareTicket
{
    /// <summary>How every ticket begins.</summary>
    public const string Scheme = "p2p:";

    /// <summary>Longest text, in characters.</summary>
    public const int MaxTextLength = 4_096;

    /// <summary>Most trackers in a ticket.</summary>
    public const int MaxTrackers = 8;

    private const int MaxTrackerLength = 255;
    private static readonly SearchValues<char> Base64UrlChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly SearchValues<char> TrackerChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:[]%");

    /// <summary>Makes a ticket.</summary>
    /// <param name="descriptor">What it is for.</param>
    /// <param name="trackers">Trackers as <c>host[:port]</c>, the preferred one first; may be empty.</param>
    /// <param name="secret">The secret of a private share; null when anybody may fetch it.</param>
    /// <exception cref="ArgumentException">There are too many trackers, or one is not of that form.</exception>
    public ShareTicket(ShareDescriptor descriptor, IEnumerable<string> trackers, ShareSecret? secret = null)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Descriptor = descriptor;
        Trackers = [.. trackers];
        Secret = secret;
        if (Trackers.Count > MaxTrackers || !Trackers.All(tracker => IsValidTracker(tracker)))
            throw new ArgumentException("Trackers are at most eight texts of the form host[:port].", nameof(trackers));
    }

    /// <summary>What the ticket is for.</summary>
    public ShareDescriptor Descriptor { get; }

    /// <summary>Trackers as <c>host[:port]</c>, the preferred one first.</summary>
    public IReadOnlyList<string> Trackers { get; }

    /// <summary>The secret of a private share; null when anybody may fetch it.</summary>
    public ShareSecret? Secret { get; }

    /// <summary>The name by which the tracker knows the share: its own, or for a private share one derived from the secret.</summary>
    public string TrackerName => Secret?.DeriveTrackerName() ?? Descriptor.Name;

    /// <summary>The ticket as text, with the secret: whoever has it can fetch the share.</summary>
    public string ToTicketText()
    {
        var text = new StringBuilder(Scheme);
        text.Append(Uri.EscapeDataString(Descriptor.Name));
        text.Append("?root=").Append(Descriptor.Root);
        text.Append(CultureInfo.InvariantCulture, $"&size={Descriptor.SizeBytes}&chunk={Descriptor.ChunkSize}");
        text.Append("&kind=").Append(Descriptor.Kind == ShareKind.File ? "file" : "dir");
        foreach (string tracker in Trackers)
            text.Append("&tracker=").Append(Uri.EscapeDataString(tracker).Replace("%3A", ":", StringComparison.Ordinal));
        if (Secret is not null)
        {
            Span<byte> key = stackalloc byte[ShareSecret.SizeInBytes];
            Secret.CopyTo(key);
            text.Append("&secret=").Append(Base64Url.EncodeToString(key));
        }

        return text.ToString();
    }

    /// <summary>Describes the ticket for logs, without its secret.</summary>
    public override string ToString() => $"{Descriptor.Name} ({Descriptor.Root.ToString().AsSpan(0, 16)}{(Secret is null ? "" : ", private")})";

    /// <summary>Whether the text looks like a ticket rather than the name of a share.</summary>
    public static bool HasScheme(ReadOnlySpan<char> text) => text.TrimStart().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a ticket; blanks around it do not matter.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ShareTicket? ticket)
    {
        ticket = null;
        text = text.Trim();
        if (text.Length > MaxTextLength || !HasScheme(text)) return false;
        text = text[Scheme.Length..];
        int question = text.IndexOf('?');
        if (question < 0 || !TryUnescape(text[..question], out string name)) return false;
        var parts = new Parameters();
        ReadOnlySpan<char> query = text[(question + 1)..];
        foreach (Range range in query.Split('&'))
        {
            ReadOnlySpan<char> pair = query[range];
            int equals = pair.IndexOf('=');
            if (equals < 0 || !parts.TrySet(pair[..equals], pair[(equals + 1)..])) return false;
        }

        if (parts.Root is not { } root || parts.Size is not { } size || parts.Chunk is not { } chunk || parts.Kind is not { } kind) return false;
        if (!ShareDescriptor.TryCreate(name, kind, size, chunk, root, out ShareDescriptor? descriptor)) return false;
        ticket = new ShareTicket(descriptor, parts.Trackers, parts.Secret);
        return true;
    }

    private static bool IsValidTracker(ReadOnlySpan<char> tracker) =>
        !tracker.IsEmpty && tracker.Length <= MaxTrackerLength && !tracker.ContainsAnyExcept(TrackerChars);

    // Percent-decoding that refuses what Uri.UnescapeDataString lets pass: broken escapes and bytes that are not UTF-8.
    private static bool TryUnescape(ReadOnlySpan<char> text, out string value)
    {
        value = string.Empty;
        Span<byte> utf8 = stackalloc byte[ShareName.MaxBytes];
        int length = 0;
        for (int at = 0; at < text.Length;)
        {
            if (length == utf8.Length) return false;
            if (text[at] == '%')
            {
                if (at + 2 >= text.Length || Convert.FromHexString(text.Slice(at + 1, 2), utf8[length..], out _, out _) != OperationStatus.Done) return false;
                length++;
                at += 3;
                continue;
            }

            if (Rune.DecodeFromUtf16(text[at..], out Rune rune, out int used) != OperationStatus.Done) return false;
            if (!rune.TryEncodeToUtf8(utf8[length..], out int written)) return false;
            length += written;
            at += used;
        }

        return ShareName.TryParse(utf8[..length], out value);
    }

    private sealed class Parameters
    {
        public Sha256Digest? Root { get; private set; }

        public long? Size { get; private set; }

        public int? Chunk { get; private set; }

        public ShareKind? Kind { get; private set; }

        public ShareSecret? Secret { get; private set; }

        public List<string> Trackers { get; } = [];

        // False when a known parameter is malformed or comes twice; only trackers may come more than once.
        public bool TrySet(ReadOnlySpan<char> key, ReadOnlySpan<char> value) => key switch
        {
            "root" => Root is null && Sha256Digest.TryParse(value, out Sha256Digest root) && Keep(Root = root),
            "size" => Size is null && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long size) && Keep(Size = size),
            "chunk" => Chunk is null && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int chunk) && Keep(Chunk = chunk),
            "kind" => Kind is null && (Kind = value switch { "file" => ShareKind.File, "dir" => ShareKind.Directory, _ => null }) is not null,
            "tracker" => TryAddTracker(value),
            "secret" => Secret is null && (Secret = ReadSecret(value)) is not null,
            _ => true,
        };

        private static bool Keep<T>(T? value) => value is not null;

        private bool TryAddTracker(ReadOnlySpan<char> value)
        {
            if (Trackers.Count == MaxTrackers || !TryUnescape(value, out string tracker) || !IsValidTracker(tracker)) return false;
            Trackers.Add(tracker);
            return true;
        }

        private static ShareSecret? ReadSecret(ReadOnlySpan<char> value)
        {
            if (value.Length != Base64Url.GetEncodedLength(ShareSecret.SizeInBytes) || value.ContainsAnyExcept(Base64UrlChars)) return null;
            Span<byte> key = stackalloc byte[ShareSecret.SizeInBytes];
            return Base64Url.DecodeFromChars(value, key, out _, out int written) == OperationStatus.Done && written == key.Length
                ? new ShareSecret(key)
                : null;
        }
    }
}
