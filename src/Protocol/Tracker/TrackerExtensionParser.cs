using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using Key = CS3103P2P.Protocol.TrackerExtensions.Key;

namespace CS3103P2P.Protocol;

/// <summary>Reads <c>key=value</c> tokens into <see cref="TrackerExtensions"/>.</summary>
internal static class TrackerExtensionParser
{
    private const int CookieLength = 16;

    private static readonly SearchValues<byte> MarkCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-"u8);

    private static readonly SearchValues<byte> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-"u8);

    /// <summary>Whether a token has the form of an extension: a key of lower-case letters, digits and hyphens, then <c>=</c>.</summary>
    /// <param name="token">The token.</param>
    /// <param name="equals">Where its <c>=</c> stands.</param>
    public static bool IsExtension(ReadOnlySpan<byte> token, out int equals)
    {
        equals = token.IndexOf((byte)'=');
        return equals > 0 && (KeyOf(token[..equals]) != Key.None || (char.IsAsciiLetterLower((char)token[0]) && !token[..equals].ContainsAnyExcept(KeyCharacters)));
    }

    /// <summary>Adds one token; false when its value is malformed or its key stood before.</summary>
    public static bool TryAdd(ReadOnlySpan<byte> token, int equals, ref TrackerExtensions extensions)
    {
        Key key = KeyOf(token[..equals]);
        if (key == Key.None) return true;
        if ((extensions.Seen & key) != 0 || !TrySet(key, token[(equals + 1)..], ref extensions)) return false;
        extensions.Seen |= key;
        return true;
    }

    private static Key KeyOf(ReadOnlySpan<byte> key) => key.Length switch
    {
        2 when key.SequenceEqual("id"u8) => Key.Id,
        2 when key.SequenceEqual("to"u8) => Key.To,
        4 when key.SequenceEqual("peer"u8) => Key.Peer,
        4 when key.SequenceEqual("page"u8) => Key.Page,
        4 when key.SequenceEqual("next"u8) => Key.Next,
        4 when key.SequenceEqual("size"u8) => Key.Size,
        4 when key.SequenceEqual("root"u8) => Key.Root,
        4 when key.SequenceEqual("kind"u8) => Key.Kind,
        4 when key.SequenceEqual("cand"u8) => Key.Candidates,
        4 when key.SequenceEqual("name"u8) => Key.Name,
        4 when key.SequenceEqual("want"u8) => Key.Want,
        5 when key.SequenceEqual("chunk"u8) => Key.ChunkSize,
        5 when key.SequenceEqual("lease"u8) => Key.Lease,
        5 when key.SequenceEqual("offer"u8) => Key.Offer,
        5 when key.SequenceEqual("files"u8) => Key.Files,
        5 when key.SequenceEqual("relay"u8) => Key.Relay,
        5 when key.SequenceEqual("peers"u8) => Key.Peers,
        6 when key.SequenceEqual("cookie"u8) => Key.Cookie,
        6 when key.SequenceEqual("chunks"u8) => Key.Chunks,
        7 when key.SequenceEqual("address"u8) => Key.Address,
        8 when key.SequenceEqual("unlisted"u8) => Key.Unlisted,
        9 when key.SequenceEqual("relayuser"u8) => Key.RelayUser,
        9 when key.SequenceEqual("relaypass"u8) => Key.RelayPassword,
        9 when key.SequenceEqual("relaylife"u8) => Key.RelayLife,
        _ => Key.None,
    };

    private static bool TrySet(Key key, ReadOnlySpan<byte> value, ref TrackerExtensions to)
    {
        switch (key)
        {
            case Key.Id:
                to.Id = value;
                return IsMark(value, TrackerLimits.MaxIdLength);
            case Key.Page:
                to.Page = value;
                return IsMark(value, TrackerLimits.MaxPageLength);
            case Key.Next:
                to.Next = value;
                return IsMark(value, TrackerLimits.MaxPageLength);
            case Key.Chunks:
                to.Chunks = value;
                return AreChunks(value);
            case Key.Candidates:
                to.Candidates = value;
                return AreCandidates(value);
            case Key.Offer:
                to.Offer = value;
                return IsOffer(value);
            case Key.Name:
                to.Name = value;
                return TrackerName.IsPlain(value) || TrackerName.IsValid(value);
            case Key.Unlisted:
                to.Unlisted = value.SequenceEqual("1"u8);
                return to.Unlisted || value.SequenceEqual("0"u8);
            case Key.Want:
                to.WantsRelay = value.SequenceEqual("relay"u8);   // what else a program may want is not for this version
                return IsMark(value, TrackerLimits.MaxIdLength);
            case Key.RelayUser:
                to.RelayUser = value;
                return IsCredential(value);
            case Key.RelayPassword:
                to.RelayPassword = value;
                return IsCredential(value);
            default:
                return TrySetValue(key, value, ref to);
        }
    }

    private static bool TrySetValue(Key key, ReadOnlySpan<byte> value, ref TrackerExtensions to)
    {
        bool valid;
        switch (key)
        {
            case Key.Cookie:
                valid = TryReadCookie(value, out ulong cookie);
                to.Cookie = cookie;
                return valid;
            case Key.Size:
                valid = TryReadNumber(value, long.MaxValue, out long size);
                to.Size = size;
                return valid;
            case Key.ChunkSize:
                valid = TryReadNumber(value, int.MaxValue, out long chunkSize) && chunkSize > 0;
                to.ChunkSize = (int)chunkSize;
                return valid;
            case Key.Lease:
                valid = TryReadNumber(value, TrackerLimits.MaxLeaseSeconds, out long lease) && lease > 0;
                to.LeaseSeconds = (int)lease;
                return valid;
            case Key.Files:
                valid = TryReadNumber(value, int.MaxValue, out long files);
                to.Files = (int)files;
                return valid;
            case Key.Peers:
                valid = TryReadNumber(value, int.MaxValue, out long peers);
                to.Peers = (int)peers;
                return valid;
            case Key.Root:
                valid = Sha256Digest.TryParse(value, out Sha256Digest root);
                to.Root = root;
                return valid;
            case Key.Kind:
                to.Kind = value.SequenceEqual("directory"u8) ? ShareKind.Directory : ShareKind.File;
                return to.Kind == ShareKind.Directory || value.SequenceEqual("file"u8);
            case Key.Peer:
                valid = TryReadPeerId(value, out PeerId peer);
                to.Peer = peer;
                return valid;
            case Key.To:
                valid = TryReadPeerId(value, out PeerId target);
                to.To = target;
                return valid;
            case Key.RelayLife:
                valid = TryReadNumber(value, TrackerLimits.MaxLeaseSeconds, out long life) && life > 0;
                to.RelayLifeSeconds = (int)life;
                return valid;
            case Key.Relay:
                valid = TransportAddress.TryParse(value, 0, out TransportAddress relay) && relay.Port != 0;
                to.Relay = relay;
                return valid;
            default:
                valid = TransportAddress.TryParse(value, 0, out TransportAddress address) && address.Port != 0;
                to.Address = address;
                return valid;
        }
    }

    /// <summary>Reads a peer id; false for all zeros too, which no key has.</summary>
    public static bool TryReadPeerId(ReadOnlySpan<byte> value, out PeerId id)
    {
        id = default;
        if (value.Length != PeerId.TextLength) return false;
        Span<byte> bytes = stackalloc byte[PeerId.SizeInBytes];
        if (Convert.FromHexString(value, bytes, out _, out _) != OperationStatus.Done) return false;
        id = new PeerId(bytes);
        return !id.IsEmpty;
    }

    private static bool TryReadCookie(ReadOnlySpan<byte> value, out ulong cookie)
    {
        cookie = 0;
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        if (value.Length != CookieLength || Convert.FromHexString(value, bytes, out _, out _) != OperationStatus.Done) return false;
        cookie = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        return true;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> value, long max, out long number) =>
        Utf8Parser.TryParse(value, out number, out int used) && used == value.Length && char.IsAsciiDigit((char)value[0]) && number >= 0 && number <= max;

    private static bool IsMark(ReadOnlySpan<byte> value, int maxLength) =>
        value.Length > 0 && value.Length <= maxLength && !value.ContainsAnyExcept(MarkCharacters);

    private static bool IsCredential(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and <= TrackerLimits.MaxRelayCredentialLength && !value.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    private static bool AreChunks(ReadOnlySpan<byte> value)
    {
        while (!value.IsEmpty)
        {
            if (!ChunkText.TryReadRun(ref value, out _)) return false;
        }

        return true;
    }

    private static bool AreCandidates(ReadOnlySpan<byte> value)
    {
        var reader = new TrackerCandidateReader(value);
        int count = 0;
        while (reader.TryRead(out _)) count++;
        return reader.IsAtEnd && count is > 0 and <= TrackerLimits.MaxCandidates;
    }

    private static bool IsOffer(ReadOnlySpan<byte> value) =>
        Base64Url.IsValid(value, out int length) && length is > 0 and <= TrackerLimits.MaxOfferBytes && value.IndexOf((byte)'=') < 0;
}
