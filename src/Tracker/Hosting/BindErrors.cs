using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Tracker.Hosting;

/// <summary>Says what a failed bind means, and what helps.</summary>
internal static class BindErrors
{
    /// <summary>The exception for a bind that failed.</summary>
    public static TrackerException Explain(SocketException error, TransportAddress address, string option) => error.SocketErrorCode switch
    {
        SocketError.AccessDenied => new TrackerException(
            TrackerErrorReason.PermissionDenied,
            $"UDP port {address.Port} needs privileges that this process does not have. Choose a port from 1024 up ({option} 0.0.0.0:8080), or allow "
            + $"this one: `sudo sysctl net.ipv4.ip_unprivileged_port_start={address.Port}`, or `sudo setcap cap_net_bind_service=+ep` on the executable.",
            error),
        SocketError.AddressAlreadyInUse => new TrackerException(
            TrackerErrorReason.PortInUse, $"Another program has UDP port {address.Port}; choose another with {option}.", error),
        SocketError.AddressNotAvailable => new TrackerException(
            TrackerErrorReason.AddressUnavailable, $"{address} is not an address of this machine; choose another with {option}.", error),
        _ => new TrackerException(TrackerErrorReason.Other, $"{address} cannot be opened: {error.Message}", error),
    };
}
