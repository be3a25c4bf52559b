using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Udp;

/// <summary>
/// The tracker without its sockets: reads a request, acts on the registry, writes the reply. Pure; not thread-safe; shared by the
/// <see cref="TrackerMachine"/>s of all sockets.
/// </summary>
internal sealed class TrackerCore
{
    /// <summary>Most bytes of an id and a new cookie at the end of a reply.</summary>
    public const int MaxTailBytes = TrackerLimits.MaxIdLength + 32;

    private const int EndedPerRequest = 4;   // registrants and entries that end while a request waits; the loop's turns do the most of it
    private const int BurstSeconds = 2;
    private const int LiteralBurstSeconds = 4;

    private readonly TrackerCoreOptions _options;
    private readonly CookieJar _cookies;
    private readonly Random _random;
    private readonly RateLimiter _requests;
    private readonly RateLimiter _literalBytes;
    private readonly ReplyCache _replies = new();
    private readonly RegistrationDesk _desk;
    private readonly List<TrackerMachine> _machines = [];

    /// <param name="options">Limits.</param>
    /// <param name="secret">16 random bytes behind the cookies.</param>
    /// <param name="random">Picks samples of large swarms.</param>
    public TrackerCore(TrackerCoreOptions options, ReadOnlySpan<byte> secret, Random random)
    {
        _options = options;
        _random = random;
        _cookies = new CookieJar(secret);
        Registry = new TrackerRegistry(options.Limits, HashKeyFrom(secret));
        _desk = new RegistrationDesk(Registry);
        _requests = new RateLimiter(options.RequestsPerSecond, (double)options.RequestsPerSecond * BurstSeconds, options.LimitedSources, HashKeyFrom(secret));
        _literalBytes = new RateLimiter(options.LiteralBytesPerSecond, (double)options.LiteralBytesPerSecond * LiteralBurstSeconds, options.LimitedSources, HashKeyFrom(secret));
    }

    /// <summary>Who has what.</summary>
    public TrackerRegistry Registry { get; }

    /// <summary>What has been done.</summary>
    public TrackerCounters Counters { get; } = new();

    /// <summary>Makes users of the relay; null when there is none.</summary>
    public RelayDesk? Relay
    {
        get => _desk.Relay;
        set => _desk.Relay = value;
    }

    /// <summary>Called with the number of a socket when an offer waits there that came in by another.</summary>
    public Action<int>? OfferQueued { get; set; }

    /// <summary>How full its tables are.</summary>
    public IEnumerable<TableUse> Tables =>
    [
        _requests.Use("sources whose requests are limited"), _literalBytes.Use("sources whose literal replies are limited"),
        .. _machines.Select(machine => new TableUse("replies waiting", machine.Waiting, TrackerMachine.MaxQueuedDatagrams)),
    ];

    /// <summary>Adds a socket; its number is its place in the order of adding.</summary>
    public TrackerMachine AddSocket()
    {
        var machine = new TrackerMachine(this, _machines.Count);
        _machines.Add(machine);
        return machine;
    }

    /// <summary>Changes limits while requests are answered; what stands already stays.</summary>
    public void ChangeLimits(RegistryLimits limits, int requestsPerSecond)
    {
        Registry.Limits = limits;
        _requests.Change(requestsPerSecond, (double)requestsPerSecond * BurstSeconds);
    }

    /// <summary>Answers one datagram.</summary>
    /// <param name="now">The time of arrival.</param>
    /// <param name="socket">Number of the socket that it came in by.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="datagram">The datagram.</param>
    /// <param name="buffer">Where the reply goes.</param>
    /// <returns>Length of the reply; 0 for silence.</returns>
    public int Answer(MonotonicTime now, int socket, TransportAddress source, ReadOnlySpan<byte> datagram, Span<byte> buffer)
    {
        Registry.HandleTimeout(now, EndedPerRequest);
        Counters.Requests++;
        if (!_requests.TrySpend(now, source, 1)) return Limit();
        var call = new TrackerCall { Now = now, SocketNumber = socket, Source = source, RequestBytes = datagram.Length };
        TrackerRequestError error = TrackerRequestParser.TryParse(datagram, out call.Request);
        if (error == TrackerRequestError.IsReply) return 0;
        Counters.CountRequest(call.Request.Verb, call.Request.Flag, error != TrackerRequestError.None);
        if (call.Request.Extensions.HasCookie)
        {
            call.IsProven = _cookies.Check(now, source, call.Request.Extensions.Cookie, out bool isOld);
            call.WantsCookie = isOld;
        }

        bool isList = !call.IsExtended && error == TrackerRequestError.None;
        var reply = new TrackerTextWriter(buffer[..(isList ? _options.MaxLiteralReplyBytes : TrackerLimits.MaxDatagramBytes)]);
        if (error != TrackerRequestError.None) ReplyErrors.Write(ref reply, call, error);
        else if (call.IsExtended) AnswerExtended(ref reply, call);
        else AnswerLiteral(ref reply, call);
        bool maySend = call.IsExtended || AddressRules.IsLocal(source) || _literalBytes.TrySpend(now, source, reply.Length);
        if (!maySend) return Limit();
        Counters.Replies++;
        if (reply.Written.StartsWith("ERROR "u8)) Counters.CountError(reply.Written["ERROR ".Length..]);
        return reply.Length;
    }

    // Another secret that follows from the first, so that one does not tell the other.
    private static UInt128 HashKeyFrom(ReadOnlySpan<byte> secret) => new(SipHash.Compute(secret, "table 1"u8), SipHash.Compute(secret, "table 2"u8));

    private int Limit()
    {
        Counters.Limited++;
        return 0;
    }

    private void AnswerLiteral(ref TrackerTextWriter reply, in TrackerCall call)
    {
        Span<byte> name = stackalloc byte[ShareName.MaxBytes];
        TrackerName.TryDecode(call.Request.Name, name, out int length);
        SharedFile? file = length == 0 ? null : Registry.FindFile(name[..length]);
        switch (call.Request.Flag)
        {
            case TrackerRequestKind.Download or TrackerRequestKind.Update:
                LiteralReplies.WriteEntries(ref reply, file, _random);
                break;
            case TrackerRequestKind.ListFiles:
                LiteralReplies.WriteNames(ref reply, Registry.ListedFiles);
                break;
            case TrackerRequestKind.QueryFile:
                LiteralReplies.WriteFile(ref reply, file);
                break;
            case TrackerRequestKind.None:
                ReplyErrors.Write(ref reply, call, TrackerRequestError.MissingExtension);
                break;
            default:
                _desk.HandleLiteral(ref reply, call);
                break;
        }
    }

    private void AnswerExtended(ref TrackerTextWriter reply, in TrackerCall call)
    {
        bool isQuestion = call.Request.Verb == TrackerVerb.Request
            && call.Request.Flag is not (TrackerRequestKind.ChunkDownloaded or TrackerRequestKind.Upload or TrackerRequestKind.Exit);
        // A question with a bad cookie is challenged too: so its sender learns at once that the tracker has restarted, or that its address has changed.
        if (!call.IsProven && (!isQuestion || call.Request.Extensions.HasCookie))
        {
            WriteChallenge(ref reply, call);
            return;
        }

        Span<byte> tailBytes = stackalloc byte[MaxTailBytes];
        var tail = new TrackerTextWriter(tailBytes);
        if (call.Request.Extensions.HasId) tail.Extension("id"u8, call.Request.Extensions.Id);
        if (call.WantsCookie) tail.Cookie(_cookies.Issue(call.Now, call.Source));
        if (isQuestion) AnswerQuestion(ref reply, call, tail.Written);
        else if (call.Request.Verb == TrackerVerb.Rendezvous) Forward(ref reply, call, tail.Written);
        else _desk.HandleProven(ref reply, call, tail.Written);
        bool tooLong = !call.IsProven && reply.Length > call.RequestBytes * TrackerLimits.MaxUnprovenAmplification;
        if (tooLong) WriteChallenge(ref reply, call);
    }

    private void AnswerQuestion(ref TrackerTextWriter reply, in TrackerCall call, scoped ReadOnlySpan<byte> tail)
    {
        Span<byte> name = stackalloc byte[ShareName.MaxBytes];
        TrackerName.TryDecode(call.Request.Name, name, out int length);
        SharedFile? file = length == 0 ? null : Registry.FindFile(name[..length]);
        switch (call.Request.Flag)
        {
            case TrackerRequestKind.ListFiles:
                PagedReplies.WriteNames(ref reply, Registry.ListedFiles, call.Request.Extensions.Page, tail);
                break;
            case TrackerRequestKind.QueryFile:
                PagedReplies.WriteFile(ref reply, file, call.Request.Extensions, tail);
                break;
            default:
                PagedReplies.WriteEntries(ref reply, file, call.Request.Extensions, tail, _random, _replies, call.Now);
                break;
        }
    }

    // Never longer than three times what it answers: `REQUEST 6 id=1`, the shortest request with an extension, allows 42 bytes, and this takes 38.
    private void WriteChallenge(ref TrackerTextWriter reply, in TrackerCall call)
    {
        Counters.Challenges++;
        reply.Rewind(0);
        reply.Text("CHALLENGE"u8);
        reply.Cookie(_cookies.Issue(call.Now, call.Source));
        if (call.Request.Extensions.HasId) reply.Extension("id"u8, call.Request.Extensions.Id);
        if (reply.Length > call.RequestBytes * TrackerLimits.MaxUnprovenAmplification) reply.Rewind(0);
    }

    private void Forward(ref TrackerTextWriter reply, in TrackerCall call, scoped ReadOnlySpan<byte> tail)
    {
        PeerId from = call.Request.Extensions.Peer;
        if (Registry.Find(RegistrantKey.Proven(call.Source, from)) is null)
        {
            ReplyErrors.Write(ref reply, call, TrackerErrorCode.Forbidden, "register first: REFRESH with your peer id"u8);
            return;
        }

        Span<byte> forwarded = stackalloc byte[TrackerLimits.MaxDatagramBytes];
        var offer = new TrackerTextWriter(forwarded);
        offer.Text("RENDEZVOUS"u8);
        offer.Extension("peer"u8, from);
        offer.Extension("address"u8, call.Source);
        offer.Extension("offer"u8, call.Request.Extensions.Offer);
        IReadOnlyList<Registrant> targets = Registry.FindPeer(call.Request.Extensions.To);
        for (int i = 0; i < targets.Count; i++) Queue(targets[i], call.SocketNumber, offer.Written);
        if (targets.Count == 0)
        {
            ReplyErrors.Write(ref reply, call, TrackerErrorCode.NotFound, "no such peer"u8);
            return;
        }

        reply.Text("RESPONSE OK"u8);
        reply.Text(tail);
    }

    /// <summary>Forwards an offer that came by way of another tracker.</summary>
    public void Deliver(RemoteOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        if (Registry.Find(offer.Target) is { Origin: null } target) Queue(target, -1, offer.Message);
    }

    private void Queue(Registrant target, int socket, ReadOnlySpan<byte> offer)
    {
        if (target.Origin is { } origin)
        {
            if (Registry.Changes?.TryAddOffer(new RemoteOffer(origin.Id, target.Key, offer.ToArray())) == true) Counters.Forwarded++;
            return;
        }

        // One that a snapshot brought back may have used a socket that this tracker has not.
        if (target.SocketNumber >= _machines.Count || !_machines[target.SocketNumber].TryQueue(target.Key.Source, offer)) return;
        Counters.Forwarded++;
        if (target.SocketNumber != socket) OfferQueued?.Invoke(target.SocketNumber);
    }
}
