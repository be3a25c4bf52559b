namespace CS3103P2P.Protocol;

/// <summary>
/// Reads messages to the tracker in all their forms. Never throws, never allocates.
/// <code>
/// REQUEST FLAG [FILENAME] [CHUNK NO] [IP ADDRESS [PORT]] [key=value ...]      the original document
/// REQUEST 4 IP PORT f 1|f 2|         REQUEST 3 IP PORT f 1|                   the existing implementation
/// REFRESH key=value ...              RENDEZVOUS key=value ...                 extensions
/// </code>
/// </summary>
public static class TrackerRequestParser
{
    private const int MaxFields = 5; // FILENAME CHUNK IP PORT, and one more to notice that there are too many

    /// <summary>Reads one datagram.</summary>
    public static TrackerRequestError TryParse(ReadOnlySpan<byte> datagram, out TrackerRequest request)
    {
        request = default;
        request.Chunk = -1;
        return Parse(datagram, ref request);
    }

    private static TrackerRequestError Parse(ReadOnlySpan<byte> datagram, ref TrackerRequest request)
    {
        ReadOnlySpan<byte> text = datagram.TrimEnd("\0\r\n"u8);
        var tokens = new TrackerTokenReader(text);
        if (!tokens.TryRead(out ReadOnlySpan<byte> verb)) return TrackerRequestError.UnknownVerb;
        if (verb.SequenceEqual("REQUEST"u8)) return ParseRequest(ref tokens, ref request);
        if (verb.SequenceEqual("REFRESH"u8))
        {
            request.Verb = TrackerVerb.Refresh;
            return ParseWithPeer(ref tokens, ref request);
        }

        if (verb.SequenceEqual("RENDEZVOUS"u8))
        {
            request.Verb = TrackerVerb.Rendezvous;
            return ParseWithPeer(ref tokens, ref request);
        }

        bool isReply = verb.SequenceEqual("RESPONSE"u8) || verb.SequenceEqual("ERROR"u8) || verb.SequenceEqual("CHALLENGE"u8);
        return isReply ? TrackerRequestError.IsReply : TrackerRequestError.UnknownVerb;
    }

    private static TrackerRequestError ParseRequest(scoped ref TrackerTokenReader tokens, ref TrackerRequest request)
    {
        if (!tokens.TryRead(out ReadOnlySpan<byte> flag) || flag.Length != 1 || flag[0] is < (byte)'1' or > (byte)'7')
        {
            return TrackerRequestError.UnknownFlag;
        }

        request.Flag = (TrackerRequestKind)(flag[0] - '0');
        if (request.Flag is TrackerRequestKind.ChunkDownloaded or TrackerRequestKind.Upload && tokens.Rest.IndexOf((byte)'|') >= 0)
        {
            return ParseListForm(ref tokens, ref request);
        }

        var fields = default(Fields);
        TrackerRequestError error = ReadFields(ref tokens, ref request, ref fields);
        return error == TrackerRequestError.None ? ParseFields(fields, ref request) : error;
    }

    // The first field of a flag that has a FILENAME is the name, even when it looks like an extension.
    private static TrackerRequestError ReadFields(scoped ref TrackerTokenReader tokens, ref TrackerRequest request, ref Fields fields)
    {
        int certain = request.Flag is TrackerRequestKind.Exit or TrackerRequestKind.ListFiles ? 0 : 1;
        while (tokens.TryRead(out ReadOnlySpan<byte> token))
        {
            if (fields.Count >= certain && TrackerExtensionParser.IsExtension(token, out int equals))
            {
                if (!TrackerExtensionParser.TryAdd(token, equals, ref request.ExtensionFields)) return TrackerRequestError.BadExtension;
                return ParseExtensions(ref tokens, ref request.ExtensionFields);
            }

            if (fields.Count == MaxFields - 1) return TrackerRequestError.TooManyFields;
            fields.Add(token);
        }

        return TrackerRequestError.None;
    }

    private static TrackerRequestError ParseFields(Fields fields, ref TrackerRequest request) => request.Flag switch
    {
        TrackerRequestKind.ListFiles => fields.Count == 0 ? TrackerRequestError.None : TrackerRequestError.TooManyFields,
        TrackerRequestKind.Exit => ParseAddress(fields, 0, required: true, ref request),
        TrackerRequestKind.Download or TrackerRequestKind.Update or TrackerRequestKind.QueryFile =>
            ParseName(fields, ref request) is var error and not TrackerRequestError.None ? error
            : fields.Count > 1 ? TrackerRequestError.TooManyFields
            : TrackerRequestError.None,
        _ => ParseRegistration(fields, ref request),
    };

    private static TrackerRequestError ParseRegistration(Fields fields, ref TrackerRequest request)
    {
        // `REQUEST 3 IP PORT f chunk`: the list form of one element that lost its bar.
        if (fields.Count == 4 && IsAddress(fields[0]) && !IsAddress(fields[2])) return ParseReordered(fields, ref request);
        TrackerRequestError error = ParseName(fields, ref request);
        if (error != TrackerRequestError.None) return error;
        error = ParseChunk(fields, ref request);
        return error != TrackerRequestError.None ? error : ParseAddress(fields, 2, request.Flag == TrackerRequestKind.Upload, ref request);
    }

    private static TrackerRequestError ParseReordered(Fields fields, ref TrackerRequest request)
    {
        var reordered = default(Fields);
        reordered.Add(fields[2]);
        reordered.Add(fields[3]);
        reordered.Add(fields[0]);
        reordered.Add(fields[1]);
        return ParseRegistration(reordered, ref request);
    }

    private static TrackerRequestError ParseName(Fields fields, ref TrackerRequest request)
    {
        if (fields.Count == 0) return TrackerRequestError.MissingName;
        request.Name = fields[0];
        return IsName(request.Name) ? TrackerRequestError.None : TrackerRequestError.BadName;
    }

    // A hyphen stands for no chunk when `chunks=` tells.
    private static TrackerRequestError ParseChunk(Fields fields, ref TrackerRequest request)
    {
        if (fields.Count < 2) return request.Extensions.HasChunks ? TrackerRequestError.None : TrackerRequestError.MissingChunk;
        if (request.Extensions.HasChunks && IsHyphen(fields[1])) return TrackerRequestError.None;
        if (!TrackerChunkListReader.TryReadChunk(fields[1], out int chunk)) return TrackerRequestError.BadChunk;
        request.Chunk = chunk;
        return TrackerRequestError.None;
    }

    // A hyphen stands for "as you see me" in a request with extensions.
    private static TrackerRequestError ParseAddress(Fields fields, int at, bool required, ref TrackerRequest request)
    {
        if (fields.Count > at + 2) return TrackerRequestError.TooManyFields;
        if (fields.Count <= at) return required && !request.Extensions.Any ? TrackerRequestError.MissingAddress : TrackerRequestError.None;
        if (request.Extensions.Any && IsHyphen(fields[at]))
        {
            return fields.Count == at + 1 ? TrackerRequestError.None : TrackerRequestError.TooManyFields;
        }

        ReadOnlySpan<byte> port = fields.Count > at + 1 ? fields[at + 1] : default;
        if (!TryReadAddress(fields[at], port, out TransportAddress address)) return TrackerRequestError.BadAddress;
        request.Address = address;
        return TrackerRequestError.None;
    }

    private static TrackerRequestError ParseListForm(scoped ref TrackerTokenReader tokens, ref TrackerRequest request)
    {
        if (!tokens.TryRead(out ReadOnlySpan<byte> ip)) return TrackerRequestError.MissingAddress;
        ReadOnlySpan<byte> port = default;
        if (TransportAddress.TryParse(ip, 0, out TransportAddress address) && address.Port == 0) tokens.TryRead(out port);
        if (!TryReadAddress(ip, port, out address)) return TrackerRequestError.BadAddress;
        request.Address = address;
        ReadOnlySpan<byte> rest = tokens.Rest;
        int end = rest.LastIndexOf((byte)'|') + 1;
        request.Entries = rest[..end];
        if (end == 0) return TrackerRequestError.MissingChunk;
        var list = new TrackerChunkListReader(request.Entries);
        while (list.TryRead(out ReadOnlySpan<byte> name, out _))
        {
            if (!IsName(name)) return TrackerRequestError.BadName;
        }

        if (list.Error != TrackerRequestError.None) return list.Error;
        var tail = new TrackerTokenReader(rest[end..]);
        return ParseExtensions(ref tail, ref request.ExtensionFields);
    }

    private static TrackerRequestError ParseWithPeer(scoped ref TrackerTokenReader tokens, ref TrackerRequest request)
    {
        TrackerRequestError error = ParseExtensions(ref tokens, ref request.ExtensionFields);
        if (error != TrackerRequestError.None) return error;
        bool hasOffer = !request.Extensions.To.IsEmpty && !request.Extensions.Offer.IsEmpty;
        bool complete = !request.Extensions.Peer.IsEmpty && (hasOffer || request.Verb == TrackerVerb.Refresh);
        return complete ? TrackerRequestError.None : TrackerRequestError.MissingExtension;
    }

    private static TrackerRequestError ParseExtensions(scoped ref TrackerTokenReader tokens, ref TrackerExtensions extensions)
    {
        while (tokens.TryRead(out ReadOnlySpan<byte> token))
        {
            if (!TrackerExtensionParser.IsExtension(token, out int equals)) return TrackerRequestError.TooManyFields;
            if (!TrackerExtensionParser.TryAdd(token, equals, ref extensions)) return TrackerRequestError.BadExtension;
        }

        return TrackerRequestError.None;
    }

    private static bool TryReadAddress(ReadOnlySpan<byte> ip, ReadOnlySpan<byte> port, out TransportAddress address)
    {
        if (!TransportAddress.TryParse(ip, 0, out address)) return false;
        if (port.IsEmpty)
        {
            if (address.Port == 0) address = address.WithPort(TrackerLimits.DefaultPeerPort);
            return true;
        }

        if (address.Port != 0 || !TrackerChunkListReader.TryReadChunk(port, out int number) || number >= ushort.MaxValue) return false;
        address = address.WithPort((ushort)(number + 1));
        return true;
    }

    private static bool IsAddress(ReadOnlySpan<byte> text) => TransportAddress.TryParse(text, 0, out _);

    private static bool IsHyphen(ReadOnlySpan<byte> text) => text.Length == 1 && text[0] == (byte)'-';

    private static bool IsName(ReadOnlySpan<byte> wire) => TrackerName.IsPlain(wire) || (wire.IndexOf((byte)'|') < 0 && TrackerName.IsValid(wire));

    private ref struct Fields
    {
        private ReadOnlySpan<byte> _first;
        private ReadOnlySpan<byte> _second;
        private ReadOnlySpan<byte> _third;
        private ReadOnlySpan<byte> _fourth;

        public int Count { get; private set; }

        public readonly ReadOnlySpan<byte> this[int index] => index switch { 0 => _first, 1 => _second, 2 => _third, _ => _fourth };

        public void Add(ReadOnlySpan<byte> field)
        {
            switch (Count++)
            {
                case 0: _first = field; break;
                case 1: _second = field; break;
                case 2: _third = field; break;
                default: _fourth = field; break;
            }
        }
    }
}
