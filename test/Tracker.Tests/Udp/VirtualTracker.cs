using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Udp;
using CS3103P2P.Transport;

namespace CS3103P2P.Tracker.Tests.Udp;

/// <summary>A tracker on virtual time, asked by text.</summary>
internal sealed class VirtualTracker
{
    private readonly byte[] _buffer = new byte[65_507];
    private readonly List<TrackerMachine> _sockets = [];

    public VirtualTracker(TrackerCoreOptions? options = null, int seed = 1, int sockets = 1)
    {
        Core = new TrackerCore(options ?? new TrackerCoreOptions(), "0123456789abcdef"u8, new Random(seed));
        for (int i = 0; i < sockets; i++) _sockets.Add(Core.AddSocket());
    }

    public TrackerCore Core { get; }

    public MonotonicTime Now { get; private set; } = new(1_000_000);

    /// <summary>Lets time pass, as the loop does: timers run when they are due.</summary>
    public void Advance(TimeSpan span)
    {
        MonotonicTime end = Now + span;
        while (_sockets[0].Deadline is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            foreach (TrackerMachine socket in _sockets) socket.HandleTimeout(Now);
        }

        Now = end;
    }

    /// <summary>Sends a datagram and returns what comes back to the sender; null for silence.</summary>
    public string? Ask(string source, string request, int socket = 0)
    {
        TransportAddress from = Address(source);
        return Send(from, Encoding.UTF8.GetBytes(request), socket).Where(sent => sent.To == from).Select(sent => sent.Text).SingleOrDefault();
    }

    /// <summary>Sends a request with extensions, again with the cookie when the tracker wants one.</summary>
    public string? AskProven(string source, string request, int socket = 0)
    {
        string? reply = Ask(source, request, socket);
        if (reply?.StartsWith("CHALLENGE", StringComparison.Ordinal) != true) return reply;
        string cookie = reply.Split(' ').Single(token => token.StartsWith("cookie=", StringComparison.Ordinal));
        return Ask(source, $"{request} {cookie}", socket);
    }

    /// <summary>Sends a datagram and returns all that the tracker sends then.</summary>
    public List<Sent> Send(TransportAddress from, ReadOnlySpan<byte> datagram, int socket = 0)
    {
        _sockets[socket].HandleDatagram(Now, from, datagram);
        var sent = new List<Sent>();
        for (int i = 0; i < _sockets.Count; i++)
        {
            while (_sockets[i].PollTransmit(Now, _buffer, out Transmit transmit))
            {
                sent.Add(new Sent(i, transmit.Destination, Encoding.UTF8.GetString(_buffer, 0, transmit.TotalBytes), transmit.TotalBytes));
            }
        }

        return sent;
    }

    public static TransportAddress Address(string text) =>
        TransportAddress.TryParse(text, 40_000, out TransportAddress address) ? address : throw new ArgumentException(text, nameof(text));

    internal sealed record Sent(int Socket, TransportAddress To, string Text, int Bytes);
}
