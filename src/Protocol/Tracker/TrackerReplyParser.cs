using System.Buffers.Text;

namespace CS3103P2P.Protocol;

/// <summary>Reads what a tracker says. Never throws, never allocates.</summary>
public static class TrackerReplyParser
{
    /// <summary>Reads one datagram; false when it is not a message of a tracker.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out TrackerReply reply)
    {
        var parsed = default(TrackerReply);
        bool valid = TryParseText(datagram.TrimEnd("\0\r\n"u8), ref parsed);
        reply = parsed;
        return valid;
    }

    private static bool TryParseText(ReadOnlySpan<byte> text, ref TrackerReply reply)
    {
        int space = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = space < 0 ? text : text[..space];
        ReadOnlySpan<byte> rest = space < 0 ? default : text[(space + 1)..];
        if (word.SequenceEqual("RESPONSE"u8)) reply.Kind = TrackerReplyKind.Response;
        else if (word.SequenceEqual("ERROR"u8)) reply.Kind = TrackerReplyKind.Error;
        else if (word.SequenceEqual("CHALLENGE"u8)) reply.Kind = TrackerReplyKind.Challenge;
        else if (word.SequenceEqual("RENDEZVOUS"u8)) reply.Kind = TrackerReplyKind.Rendezvous;
        else return false;
        reply.LiteralBody = rest;
        return TryCutExtensions(ref rest, ref reply) && (reply.Kind switch
        {
            TrackerReplyKind.Error => TryReadCode(rest, ref reply),
            TrackerReplyKind.Challenge => rest.IsEmpty && reply.Extensions.HasCookie,
            TrackerReplyKind.Rendezvous => rest.IsEmpty && !reply.Extensions.Peer.IsEmpty && !reply.Extensions.Offer.IsEmpty,
            _ => SetBody(rest, ref reply),
        });
    }

    // From the end backwards, as long as tokens look like extensions. An entry of a list ends with a bar, so it never does.
    private static bool TryCutExtensions(ref ReadOnlySpan<byte> rest, ref TrackerReply reply)
    {
        while (true)
        {
            ReadOnlySpan<byte> trimmed = rest.TrimEnd((byte)' ');
            int start = trimmed.LastIndexOf((byte)' ') + 1;
            ReadOnlySpan<byte> token = trimmed[start..];
            if (token.IndexOf((byte)'|') >= 0 || !TrackerExtensionParser.IsExtension(token, out int equals))
            {
                if (reply.Extensions.Any) rest = trimmed;
                return true;
            }

            if (!TrackerExtensionParser.TryAdd(token, equals, ref reply.ExtensionFields)) return false;
            rest = trimmed[..start];
        }
    }

    private static bool TryReadCode(ReadOnlySpan<byte> rest, ref TrackerReply reply)
    {
        if (!Utf8Parser.TryParse(rest, out int code, out int used) || code is < 100 or > 999) return false;
        if (used < rest.Length && rest[used] != (byte)' ') return false;
        reply.ErrorCode = (TrackerErrorCode)code;
        return SetBody(rest[used..].Trim((byte)' '), ref reply);
    }

    private static bool SetBody(ReadOnlySpan<byte> body, ref TrackerReply reply)
    {
        reply.Body = body;
        return true;
    }
}
