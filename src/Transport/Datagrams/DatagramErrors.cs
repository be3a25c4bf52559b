using System.Net.Sockets;

namespace CS3103P2P.Transport;

/// <summary>Sorts what a UDP socket reports: the one place that knows which errors pass.</summary>
internal static class DatagramErrors
{
    /// <summary>Whether a failed receive says nothing about the next one.</summary>
    public static bool IsPassing(SocketError error) => error is
        SocketError.WouldBlock or
        SocketError.Interrupted or
        SocketError.ConnectionReset or          // Windows: an ICMP "port unreachable" for an earlier send
        SocketError.ConnectionRefused or        // Linux: the same
        SocketError.NetworkReset or             // Windows: an ICMP "time to live exceeded"
        SocketError.MessageSize or              // the datagram was longer than the buffer, or an earlier send longer than the path
        SocketError.HostUnreachable or
        SocketError.NetworkUnreachable or
        SocketError.HostDown or
        SocketError.NetworkDown or
        SocketError.NoBufferSpaceAvailable;
}
