using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace CS3103P2P.Transport;

/// <summary>Forbids fragments on a socket but for the datagrams that may be cut up (<see cref="Transmit.MayFragment"/>).</summary>
internal sealed class FragmentSwitch
{
    private readonly Socket _socket;
    private readonly bool _alwaysAllowed;
    private readonly ILogger _logger;
    private bool _allowed;

    /// <param name="socket">The socket.</param>
    /// <param name="alwaysAllowed">Whether it leaves all datagrams to the system.</param>
    /// <param name="logger">Told when the system refuses.</param>
    public FragmentSwitch(Socket socket, bool alwaysAllowed, ILogger logger)
    {
        _socket = socket;
        _alwaysAllowed = alwaysAllowed;
        _logger = logger;
        if (!alwaysAllowed) UdpSocketFactory.ForbidFragments(socket, logger);
    }

    /// <summary>Holds for the datagrams sent from now on; a change costs two system calls.</summary>
    public void Set(bool allowed)
    {
        if (_alwaysAllowed || _allowed == allowed) return;
        _allowed = allowed;
        if (allowed) UdpSocketFactory.AllowFragments(_socket, _logger);
        else UdpSocketFactory.ForbidFragments(_socket, _logger);
    }
}
