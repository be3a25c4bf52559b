using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests.Streams;

/// <summary>
/// What <c>UtpFuzzTests</c> tries on virtual time, on real sockets of both kinds. Without damage every byte arrives. With damage (flipped bits,
/// cut datagrams, which no checksum of uTP's shows) TLS must let no wrong byte through: the stream arrives whole, or ends early.
/// </summary>
[TestClass]
public sealed class UtpFuzzRelayTests
{
    private const int PlainBytes = 1_000_000;
    private const int SecureBytes = 300_000;
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));

    private CancellationToken Ct => _deadline.Token;

    [TestMethod]
    [DataRow(1, false)]
    [DataRow(2, true)]
    public async Task Transfer_ThroughAnUnkindRelay_ArrivesWhole(int seed, bool portable)
    {
        await using var client = new UtpNode(portable: portable);
        await using var server = new UtpNode(portable: portable);
        await using var relay = new LossyRelay(server.Address, seed)
        {
            Loss = 0.05, Duplication = 0.05, Reordering = 0.1, Spikes = 0.005, NarrowAfter = 200,
        };
        (UtpStream from, UtpStream to) = await OpenAsync(client, server, relay.Address);
        byte[] content = Content(seed, PlainBytes);
        Task sending = SendAsync(from, content);
        using var copy = new MemoryStream();
        await to.CopyToAsync(copy, Ct);
        await sending;
        CollectionAssert.AreEqual(content, copy.ToArray(), $"seed {seed}");
    }

    [TestMethod]
    [DataRow(3, false, 0.0)]
    [DataRow(4, true, 0.0)]
    [DataRow(5, false, 0.03)]
    [DataRow(6, true, 0.03)]
    [DataRow(7, false, 0.003)]
    [DataRow(8, true, 0.003)]
    public async Task SecureTransfer_ThroughARelayThatDamages_LetsNoWrongByteThrough(int seed, bool portable, double damage)
    {
        // Whom damage has cut off from the peer waits this long for it at the end.
        var options = new UtpOptions { Linger = TimeSpan.FromSeconds(1) };
        await using var client = new UtpNode(options, portable);
        await using var server = new UtpNode(options, portable);
        await using var relay = new LossyRelay(server.Address, seed) { Loss = 0.02, BitFlips = damage, Truncation = damage };
        byte[] content = Content(seed, SecureBytes);
        byte[] arrived = await MoveSecurelyAsync(client, server, relay.Address, content);
        if (damage == 0) Assert.HasCount(content.Length, arrived, $"seed {seed}");
        CollectionAssert.AreEqual(content[..arrived.Length], arrived, $"Wrong bytes passed TLS; seed {seed}.");
    }

    private async Task<byte[]> MoveSecurelyAsync(UtpNode client, UtpNode server, TransportAddress relay, byte[] content)
    {
        using PeerIdentity clientIdentity = PeerIdentity.Create(), serverIdentity = PeerIdentity.Create();
        using var copy = new MemoryStream();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        giveUp.CancelAfter(TimeSpan.FromSeconds(15));
        try
        {
            (UtpStream from, UtpStream to) = await OpenAsync(client, server, relay);
            Task<SecureStream> accepting = SecureStream.AuthenticateAsServerAsync(to, serverIdentity, giveUp.Token);
            await using SecureStream sender = await SecureStream.AuthenticateAsClientAsync(from, clientIdentity, null, giveUp.Token);
            await using SecureStream receiver = await accepting;
            Task sending = sender.WriteAsync(content, giveUp.Token).AsTask();
            byte[] buffer = new byte[16_384];
            while (copy.Length < content.Length && await receiver.ReadAsync(buffer, giveUp.Token) is int count and > 0) copy.Write(buffer, 0, count);
            if (copy.Length == content.Length) await sending;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Damage ends the stream, in the handshake already or later; what the sender was writing then does not matter.
            Assert.IsFalse(_deadline.IsCancellationRequested, "The stream hangs.");
        }

        return copy.ToArray();
    }

    private async Task<(UtpStream Client, UtpStream Server)> OpenAsync(UtpNode client, UtpNode server, TransportAddress relay)
    {
        Task<UtpStream> accepting = server.Transport.AcceptAsync(Ct);
        UtpStream stream = await client.Transport.ConnectAsync(relay, Ct);
        return (stream, await accepting);
    }

    private async Task SendAsync(UtpStream stream, byte[] content)
    {
        await stream.WriteAsync(content, Ct);
        stream.ShutdownWrite();
    }

    private static byte[] Content(int seed, int length)
    {
        byte[] content = new byte[length];
        new Random(seed).NextBytes(content);
        return content;
    }
}
