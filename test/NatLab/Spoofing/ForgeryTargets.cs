using System.Net;

namespace CS3103P2P.NatLab;

/// <summary>What a forger knows.</summary>
/// <param name="Tracker">The tracker's port.</param>
/// <param name="Stun">The tracker's STUN port.</param>
/// <param name="Relay">The relay's port.</param>
/// <param name="Owner">A registered peer, whose cookie the forger does not know.</param>
/// <param name="OwnerId">Its public id.</param>
/// <param name="File">What that peer shares.</param>
/// <param name="StolenCookie">A good cookie of another address: the forger's own, or one that it read.</param>
/// <param name="OutdatedCookieOf">A cookie that an address got from the tracker before it was started again.</param>
public sealed record ForgeryTargets(
    IPEndPoint Tracker, IPEndPoint Stun, IPEndPoint Relay, IPEndPoint Owner, string OwnerId, string File, string StolenCookie, Func<IPEndPoint, string> OutdatedCookieOf);
