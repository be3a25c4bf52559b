using System.Text.Json;
using CS3103P2P.Peer;
using CS3103P2P.Stun;
using CS3103P2P.Stun.Ice;

namespace CS3103P2P.Samples.Peer;

/// <summary>Failed connections as events; the codes stand in docs/nat-traversal.md.</summary>
internal static class FailureEvents
{
    public static void Write(ConnectFailure failure) => JsonEvents.Write("connect-failed", Fields(failure));

    public static (string Name, object? Value)[] Fields(ConnectFailure failure) =>
    [
        ("peer", failure.Peer),
        ("address", failure.Address),
        ("reason", CodeOf(failure.Reason)),
        ("message", failure.Message),
        ("localNat", CodeOf(failure.LocalNat)),
        ("remoteNat", CodeOf(failure.RemoteNat)),
        ("askedByPeer", failure.IsAskedByPeer),
    ];

    // RelayAbsent is relay-absent.
    private static string CodeOf(ConnectFailureReason reason) => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());

    private static string? CodeOf(IceNat? nat) => nat is { } known ? NatExpectations.NameOf(NatExpectations.Classify(known)) : null;
}
