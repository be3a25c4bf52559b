using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Diagnosis;

/// <summary>
/// Measures how long an idle mapping lives (RFC 5780 §4.6): a socket makes a mapping and falls silent; after the pause another socket has the server send
/// to it (RESPONSE-PORT). What arrives came through a mapping that still stood, which nothing had refreshed.
/// </summary>
internal static class LifetimeProbe
{
    private const int Attempts = 3;
    private const int MaxDatagramBytes = 1500;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(400);

    /// <summary>Measures; null when the server does not do it, or nothing could be told.</summary>
    public static async Task<NatLifetime?> RunAsync(TransportAddress server, TimeSpan longest, CancellationToken cancellationToken)
    {
        var search = new MappingLifetimeSearch(longest);
        while (search.NextRound() is { Count: > 0 } pauses)
        {
            (TimeSpan? alive, TimeSpan? dead) = await RunRoundAsync(server, pauses, cancellationToken).ConfigureAwait(false);
            if (alive is null && dead is null) return search.Result;
            search.HandleRound(alive, dead);
        }

        return search.Result;
    }

    private static async Task<(TimeSpan? Alive, TimeSpan? Dead)> RunRoundAsync(TransportAddress server, IReadOnlyList<TimeSpan> pauses, CancellationToken cancellationToken)
    {
        Socket[] sleepers = [.. pauses.Select(_ => Bind())];
        using Socket waker = Bind();
        try
        {
            long start = Stopwatch.GetTimestamp();
            TransportAddress?[] mapped = await Task.WhenAll(sleepers.Select(socket => MapAsync(socket, server, cancellationToken))).ConfigureAwait(false);
            TimeSpan? alive = null;
            for (int i = 0; i < pauses.Count; i++)
            {
                if (mapped[i] is not { } address) continue;
                TimeSpan left = pauses[i] - Stopwatch.GetElapsedTime(start);
                if (left > TimeSpan.Zero) await Task.Delay(left, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                if (!await WakeAsync(waker, sleepers[i], server, address.Port, cancellationToken).ConfigureAwait(false)) return (alive, pauses[i]);
                alive = pauses[i];
            }

            return (alive, null);
        }
        finally
        {
            foreach (Socket socket in sleepers) socket.Dispose();
        }
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return socket;
    }

    // Once only if the first answer comes, for a NAT may keep what was used more often for longer.
    private static async Task<TransportAddress?> MapAsync(Socket socket, TransportAddress server, CancellationToken cancellationToken)
    {
        for (int i = 0; i < Attempts; i++)
        {
            StunTransactionId id = NewId();
            await SendAsync(socket, BindingRequest.Encode(id), server, cancellationToken).ConfigureAwait(false);
            if (await ReceiveAsync(socket, id, cancellationToken).ConfigureAwait(false) is { } mapped) return mapped;
        }

        return null;
    }

    private static async Task<bool> WakeAsync(Socket waker, Socket sleeper, TransportAddress server, ushort port, CancellationToken cancellationToken)
    {
        for (int i = 0; i < Attempts; i++)
        {
            StunTransactionId id = NewId();
            await SendAsync(waker, WithResponsePort(id, port), server, cancellationToken).ConfigureAwait(false);
            if (await ReceiveAsync(sleeper, id, cancellationToken).ConfigureAwait(false) is not null) return true;
        }

        return false;
    }

    private static StunTransactionId NewId()
    {
        Span<byte> random = stackalloc byte[StunTransactionId.SizeInBytes];
        System.Security.Cryptography.RandomNumberGenerator.Fill(random);
        return new StunTransactionId(random);
    }

    private static byte[] WithResponsePort(StunTransactionId id, ushort port)
    {
        byte[] request = new byte[StunHeader.SizeInBytes + StunHeader.AttributeHeaderBytes + sizeof(uint)];
        var writer = new StunMessageWriter(request, StunClass.Request, StunMethod.Binding, id);
        Span<byte> value = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt16BigEndian(value, port);
        writer.Write(StunAttributeType.ResponsePort, value);
        return request;
    }

    private static async Task SendAsync(Socket socket, byte[] request, TransportAddress server, CancellationToken cancellationToken)
    {
        try
        {
            await socket.SendToAsync(request, server.ToIPEndPoint(), cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // The same as a lost datagram, which is repeated.
        }
    }

    private static async Task<TransportAddress?> ReceiveAsync(Socket socket, StunTransactionId id, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        byte[] buffer = new byte[MaxDatagramBytes];
        try
        {
            while (true)
            {
                int bytes = await socket.ReceiveAsync(buffer, limit.Token).ConfigureAwait(false);
                if (Read(buffer.AsSpan(0, bytes), id) is { } mapped) return mapped;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (SocketException)
        {
            return null;   // "port unreachable": nobody answers
        }
    }

    private static TransportAddress? Read(ReadOnlySpan<byte> datagram, StunTransactionId id) =>
        StunMessage.TryParse(datagram, out StunMessage message) && message.Class == StunClass.SuccessResponse && message.TransactionId == id
            && message.TryGetMappedAddress(out TransportAddress mapped) ? mapped : null;
}
