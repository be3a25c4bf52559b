namespace CS3103P2P.Stun;

/// <summary>STUN servers that anybody may ask.</summary>
public static class PublicStunServers
{
    /// <summary>Servers of different operators, each <c>host:port</c>.</summary>
    public static IReadOnlyList<string> Default { get; } =
    [
        "stun.l.google.com:19302",
        "stun.cloudflare.com:3478",
        "stun.nextcloud.com:3478",
        "stun1.l.google.com:19302",
        "stun.sipgate.net:3478",
        "global.stun.twilio.com:3478",
    ];
}
