using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CS3103P2P.NatLab;

/// <summary>A program that speaks the tracker's text protocol from a host's address, one request at a time.</summary>
public sealed class HonestPeer : IDisposable
{
    private const int MaxReplyBytes = 65_535;
    private const string CookieKey = "cookie=";
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly IPEndPoint _tracker;
    private readonly byte[] _reply = new byte[MaxReplyBytes];
    private int _lastId;

    /// <param name="host">The host.</param>
    /// <param name="local">Its address and port.</param>
    /// <param name="tracker">The tracker.</param>
    public HonestPeer(LabHost host, IPEndPoint local, IPEndPoint tracker)
    {
        ArgumentNullException.ThrowIfNull(host);
        Local = local;
        _tracker = tracker;
        _socket = host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.Bind(local);
    }

    /// <summary>Its address.</summary>
    public IPEndPoint Local { get; }

    /// <summary>Its id: 64 digits that follow from its address.</summary>
    public string Id => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(Local.ToString())));

    /// <summary>The cookie that the tracker gave it; empty before <see cref="AskAsync"/> was challenged.</summary>
    public string Cookie { get; private set; } = string.Empty;

    /// <summary>Asks by extensions, and with a cookie; null when no reply came in time.</summary>
    public async Task<string?> AskAsync(string request)
    {
        string? reply = await ExchangeAsync(request).ConfigureAwait(false);
        if (reply is null || !reply.StartsWith("CHALLENGE", StringComparison.Ordinal)) return reply;
        Cookie = Token(reply, CookieKey);
        return await ExchangeAsync(request).ConfigureAwait(false);
    }

    /// <summary>Asks in the literal form; null when no reply came in time.</summary>
    public Task<string?> AskLiterallyAsync(string request) => SendAsync(request, id: null);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static string Token(string text, string key) =>
        text.Split(' ').FirstOrDefault(token => token.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? string.Empty;

    private Task<string?> ExchangeAsync(string request)
    {
        string id = $"id={++_lastId}";
        string cookie = Cookie.Length == 0 ? string.Empty : $" {CookieKey}{Cookie}";
        return SendAsync($"{request} {id}{cookie}", id);
    }

    private async Task<string?> SendAsync(string request, string? id)
    {
        while (_socket.Available > 0) _socket.Receive(_reply);   // what was forged in this peer's name has filled the buffer
        await _socket.SendToAsync(Encoding.UTF8.GetBytes(request), _tracker).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(ReplyTimeout);
        try
        {
            while (true)
            {
                int bytes = await _socket.ReceiveAsync(_reply, limit.Token).ConfigureAwait(false);
                string reply = Encoding.UTF8.GetString(_reply, 0, bytes);
                if (id is null || reply.Split(' ').Contains(id)) return reply;   // others answer what was forged in this peer's name
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
