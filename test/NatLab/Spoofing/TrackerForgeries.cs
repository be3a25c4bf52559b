using System.Net;
using System.Text;

namespace CS3103P2P.NatLab;

/// <summary>Requests to the tracker in the name of victims: all flags and verbs, in both styles, with cookies that are none.</summary>
internal static class TrackerForgeries
{
    private const int LongPayload = 1_400;
    private const int FloodWeight = 30;   // beyond the requests that one source may make
    private const string ForgerId = "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0";
    private const string WrongCookie = "0123456789abcdef";

    /// <summary>Requests with extensions; each kind has a victim of its own.</summary>
    public static IEnumerable<Forgery> Extended(ForgeryTargets targets, Func<IPEndPoint> nextVictim)
    {
        foreach ((string name, string request) in Requests(targets)) yield return New($"{name}, no cookie", nextVictim(), [request]);
        string[] all = [.. Requests(targets).Select(one => one.Request)];
        yield return New("all, cookie made up", nextVictim(), With(all, WrongCookie));
        yield return New("all, cookie of another address", nextVictim(), With(all, targets.StolenCookie));
        IPEndPoint known = nextVictim();
        yield return New("all, cookie of the tracker before its restart", known, With(all, targets.OutdatedCookieOf(known)));
        yield return New("malformed", nextVictim(), ["REQUEST 9 id=1", "REQUEST 1 f id=1 page=zzz", "REQUEST 4 f 0 - id=1", "REFRESH id=1", "RENDEZVOUS to=1 id=1"]);
        yield return New("flag 1, flood", nextVictim(), [$"REQUEST 1 {targets.File} id=1"], FloodWeight);

        // In the name of a peer that has registered: the same, and what would harm it.
        IPEndPoint owner = targets.Owner;
        string[] harm =
        [
            $"REQUEST 5 - peer={targets.OwnerId} id=1", $"REQUEST 5 - peer={targets.OwnerId} name={targets.File} id=1", $"REFRESH peer={targets.OwnerId} lease=10 id=1",
            $"REQUEST 4 {targets.File} - - peer={targets.OwnerId} chunks=900-999 size=999424 chunk=1024 id=1", $"REQUEST 3 {targets.File} 700 - peer={targets.OwnerId} id=1",
            $"REQUEST 4 {targets.File} 1 - peer={targets.OwnerId} address={owner.Address}:1 id=1",
        ];
        yield return New("a registered peer's, no cookie", owner, harm);
        yield return New("a registered peer's, cookie of another address", owner, With(harm, targets.StolenCookie));
        yield return New("a registered peer's, cookie from before the restart", owner, With(harm, targets.OutdatedCookieOf(owner)));

        Forgery New(string name, IPEndPoint victim, string[] requests, int weight = 1) =>
            new($"extension: {name}", ForgeryLimit.ThreeTimes, victim, targets.Tracker, [.. requests.Select(Encoding.UTF8.GetBytes)], weight);
    }

    /// <summary>Requests without extensions; each kind has a victim of its own, all in one /24.</summary>
    public static IEnumerable<Forgery> Literal(ForgeryTargets targets, Func<IPEndPoint> nextVictim)
    {
        (string Name, Func<IPEndPoint, string[]> Requests)[] kinds =
        [
            ("flag 1", _ => [$"REQUEST 1 {targets.File}"]),
            ("flag 2", _ => [$"REQUEST 2 {targets.File}"]),
            ("flag 3", victim => [$"REQUEST 3 forged 7 {victim.Address}", $"REQUEST 3 forged 8 {targets.Owner.Address} {targets.Owner.Port}"]),
            ("flag 4", victim => [$"REQUEST 4 forged 1 {victim.Address}", $"REQUEST 4 {targets.File} 9 {targets.Owner.Address} {targets.Owner.Port}"]),
            ("flag 5", _ => [$"REQUEST 5 {targets.Owner.Address} {targets.Owner.Port}"]),
            ("flag 6", _ => ["REQUEST 6"]),
            ("flag 7", _ => [$"REQUEST 7 {targets.File}"]),
            ("malformed", _ => ["x", "REQUEST", "REQUEST 8", new string('x', LongPayload), "REFRESH", "RENDEZVOUS"]),
            ("replies", _ => ["RESPONSE OK", "ERROR 400 x", "CHALLENGE cookie=0123456789abcdef"]),
        ];
        foreach ((string name, Func<IPEndPoint, string[]> requests) in kinds)
        {
            IPEndPoint victim = nextVictim();
            yield return New($"literal: {name}", ForgeryLimit.FixedRate, victim, requests(victim));
        }

        // Registrations from everywhere: what no cookie protects may fill its part of the registry, and push out nothing else.
        yield return New("literal: flag 4 from random addresses", ForgeryLimit.Nobody, null, [.. Enumerable.Range(0, 97).Select(i => $"REQUEST 3 spam-{i} {i + 1}")], FloodWeight);

        Forgery New(string name, ForgeryLimit limit, IPEndPoint? victim, string[] requests, int weight = 1) =>
            new(name, limit, victim, targets.Tracker, [.. requests.Select(Encoding.UTF8.GetBytes)], weight);
    }

    private static IEnumerable<(string Name, string Request)> Requests(ForgeryTargets targets)
    {
        yield return ("flag 1", $"REQUEST 1 {targets.File} id=1");
        yield return ("flag 2", $"REQUEST 2 {targets.File} id=1");
        yield return ("flag 3", $"REQUEST 3 {targets.File} 7 - peer={ForgerId} id=1");
        yield return ("flag 4", $"REQUEST 4 {targets.File} - - peer={ForgerId} chunks=1-9 id=1");
        yield return ("flag 5", $"REQUEST 5 - peer={targets.OwnerId} id=1");
        yield return ("flag 6", "REQUEST 6 id=1");
        yield return ("flag 7", $"REQUEST 7 {targets.File} id=1");
        yield return ("refresh", $"REFRESH peer={ForgerId} id=1");
        yield return ("rendezvous", $"RENDEZVOUS to={targets.OwnerId} peer={ForgerId} offer={new string('A', 400)} id=1");
    }

    private static string[] With(string[] requests, string cookie) => [.. requests.Select(request => $"{request} cookie={cookie}")];
}
