using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CS3103P2P.Bench.Load;

/// <summary>Peers that each register a few new files, from some addresses of loopback; it notes when which registration was confirmed.</summary>
internal sealed class NewShares : IDisposable
{
    private const int Sources = 64;
    private const int FilesPerPeer = 16;
    private const int PeersAtOnce = 4;
    private const int LeaseSeconds = 600;
    private const int TimeoutMillis = 250;
    private const string NamePrefix = "new-";

    private readonly List<(Socket Socket, string Cookie)> _sources = [];
    private readonly byte[] _buffer = new byte[2_048];
    private int _next;

    public NewShares(int port)
    {
        for (int source = 0; source < Sources; source++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = TimeoutMillis };
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(source + 1)]), 0));
            socket.Connect(IPAddress.Loopback, port);
            _sources.Add((socket, Ask(socket, $"REFRESH peer={TrackerWorkload.PeerId(0)} id=c").Split("cookie=")[1][..16]));
        }
    }

    /// <summary>Registers for a while.</summary>
    /// <returns>The number of each share that was confirmed, and when.</returns>
    public List<(int Number, long At)> Run(TimeSpan time)
    {
        var confirmed = new List<(int, long)>();
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < time;)
        {
            (Socket socket, string cookie) = _sources[_next / (FilesPerPeer * PeersAtOnce) % Sources];
            int first = _next;
            for (; _next < first + (FilesPerPeer * PeersAtOnce); _next++) Send(socket, $"REQUEST 4 {NameOf(_next)} 1 - peer={TrackerWorkload.PeerId(_next / FilesPerPeer)} lease={LeaseSeconds} cookie={cookie} id={_next}");
            for (int waiting = _next - first; waiting > 0 && Receive(socket) is { } reply; waiting--)
            {
                if (reply.StartsWith("RESPONSE OK", StringComparison.Ordinal)) confirmed.Add((int.Parse(reply.Split(" id=")[1], CultureInfo.InvariantCulture), Stopwatch.GetTimestamp()));
            }
        }

        return confirmed;
    }

    /// <summary>Which of these the tracker knows.</summary>
    public HashSet<int> Find(IReadOnlyList<int> numbers)
    {
        const int AtOnce = 64;
        var known = new HashSet<int>();
        Socket socket = _sources[0].Socket;
        for (int at = 0; at < numbers.Count; at += AtOnce)
        {
            int count = Math.Min(AtOnce, numbers.Count - at);
            for (int i = 0; i < count; i++) Send(socket, $"REQUEST 7 {NameOf(numbers[at + i])}");
            for (int i = 0; i < count && Receive(socket) is { } reply; i++)
            {
                string[] parts = reply.Split(NamePrefix);
                if (parts.Length == 2) known.Add(int.Parse(parts[1], CultureInfo.InvariantCulture));
            }
        }

        return known;
    }

    public void Dispose()
    {
        foreach ((Socket socket, _) in _sources) socket.Dispose();
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{number:d8}");

    private static void Send(Socket socket, string request) => socket.Send(Encoding.ASCII.GetBytes(request));

    private string Ask(Socket socket, string request)
    {
        const int Attempts = 20;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Send(socket, request);
            if (Receive(socket) is { } reply) return reply;
        }

        throw new InvalidOperationException("The tracker does not answer.");
    }

    private string? Receive(Socket socket)
    {
        try
        {
            return Encoding.ASCII.GetString(_buffer, 0, socket.Receive(_buffer));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            return null;
        }
    }
}
