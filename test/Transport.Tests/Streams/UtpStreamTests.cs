using System.Net;
using System.Security.Cryptography;
using CS3103P2P.Protocol;

namespace CS3103P2P.Transport.Tests.Streams;

[TestClass]
public sealed class UtpStreamTests
{
    private const int OneMebibyte = 1024 * 1024;
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));

    private CancellationToken Ct => _deadline.Token;

    [TestMethod]
    public async Task Transfer_Of64MebibytesOverLoopback_ArrivesWhole()
    {
        await using var client = new UtpNode();
        await using var server = new UtpNode();
        (UtpStream from, UtpStream to) = await client.OpenAsync(server, Ct);
        await AssertMovesAsync(from, to, 64 * OneMebibyte);
    }

    [TestMethod]
    [DataRow(UtpCongestion.Ledbat)]
    [DataRow(UtpCongestion.Throughput)]
    public async Task Transfer_ThroughALossyRelay_ArrivesWhole(UtpCongestion congestion)
    {
        var options = new UtpOptions { Congestion = congestion };
        await using var client = new UtpNode(options);
        await using var server = new UtpNode(options);
        await using var relay = new LossyRelay(server.Address, seed: 4711);
        Task<UtpStream> accepting = server.Transport.AcceptAsync(Ct);
        UtpStream from = await client.Transport.ConnectAsync(relay.Address, Ct);
        await AssertMovesAsync(from, await accepting, 4 * OneMebibyte);
    }

    [TestMethod]
    public async Task ShutdownWrite_EndsOneDirectionOnly()
    {
        await using var client = new UtpNode();
        await using var server = new UtpNode();
        (UtpStream a, UtpStream b) = await client.OpenAsync(server, Ct);
        await a.WriteAsync("question"u8.ToArray(), Ct);
        a.ShutdownWrite();
        Assert.AreEqual("question", await ReadTextAsync(b));
        await b.WriteAsync("answer"u8.ToArray(), Ct);
        b.ShutdownWrite();
        Assert.AreEqual("answer", await ReadTextAsync(a));
        Assert.IsFalse(a.CanWrite);
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(async () => await a.WriteAsync(new byte[1], Ct));
    }

    [TestMethod]
    public async Task Dispose_RightAfterWriting_DeliversEverything()
    {
        await using var client = new UtpNode();
        await using var server = new UtpNode();
        (UtpStream a, UtpStream b) = await client.OpenAsync(server, Ct);
        byte[] content = RandomNumberGenerator.GetBytes(OneMebibyte);
        await a.WriteAsync(content, Ct);
        await a.DisposeAsync();
        await client.Transport.DisposeAsync();
        using var copy = new MemoryStream();
        await b.CopyToAsync(copy, Ct);
        CollectionAssert.AreEqual(content, copy.ToArray());
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => a.ReadAsync(new byte[1], Ct).AsTask());
    }

    [TestMethod]
    public async Task AbortAsync_FailsThePeersReadWithReset()
    {
        await using var client = new UtpNode();
        await using var server = new UtpNode();
        (UtpStream a, UtpStream b) = await client.OpenAsync(server, Ct);
        Task<int> reading = b.ReadAsync(new byte[1], Ct).AsTask();
        await a.AbortAsync();
        IOException error = await Assert.ThrowsExactlyAsync<IOException>(() => reading);
        Assert.AreEqual(UtpCloseReason.Reset, ((UtpException)error.InnerException!).Reason);
        error = await Assert.ThrowsExactlyAsync<IOException>(async () => await a.WriteAsync(new byte[1], Ct));
        Assert.AreEqual(UtpCloseReason.Aborted, ((UtpException)error.InnerException!).Reason);
    }

    [TestMethod]
    public async Task ConnectAsync_WhereNobodyAnswers_TimesOut()
    {
        await using var client = new UtpNode(new UtpOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        IOException error = await Assert.ThrowsExactlyAsync<IOException>(
            () => client.Transport.ConnectAsync(new TransportAddress(IPAddress.Loopback, 9), Ct));
        Assert.AreEqual(UtpCloseReason.TimedOut, ((UtpException)error.InnerException!).Reason);
    }

    [TestMethod]
    public async Task ConnectAsync_Cancelled_Throws()
    {
        await using var client = new UtpNode();
        using var cancel = new CancellationTokenSource();
        Task<UtpStream> connecting = client.Transport.ConnectAsync(new TransportAddress(IPAddress.Loopback, 9), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => connecting);
    }

    [TestMethod]
    public async Task ReadAsync_Cancelled_LeavesTheStreamUsable()
    {
        await using var client = new UtpNode();
        await using var server = new UtpNode();
        (UtpStream a, UtpStream b) = await client.OpenAsync(server, Ct);
        using var cancel = new CancellationTokenSource();
        Task<int> reading = b.ReadAsync(new byte[8], cancel.Token).AsTask();
        await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => b.ReadAsync(new byte[8], Ct).AsTask());
        await cancel.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => reading);
        await a.WriteAsync("ok"u8.ToArray(), Ct);
        Assert.AreEqual(2, await b.ReadAsync(new byte[8], Ct));
    }

    [TestMethod]
    public async Task WriteAsync_WhenThePeerDoesNotRead_WaitsAndGoesOnOnceItReads()
    {
        var options = new UtpOptions { ReceiveWindowBytes = 64 * 1024, SendBufferBytes = 64 * 1024 };
        await using var client = new UtpNode(options);
        await using var server = new UtpNode(options);
        (UtpStream a, UtpStream b) = await client.OpenAsync(server, Ct);
        byte[] content = RandomNumberGenerator.GetBytes(OneMebibyte);
        using var brief = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        Task writing = a.WriteAsync(content, brief.Token).AsTask();
        await Assert.ThrowsAsync<OperationCanceledException>(() => writing);
        a.ShutdownWrite();
        using var copy = new MemoryStream();
        await b.CopyToAsync(copy, Ct);
        Assert.IsLessThan(content.Length / 2, (int)copy.Length);
        CollectionAssert.AreEqual(content[..(int)copy.Length], copy.ToArray());
    }

    [TestMethod]
    public async Task DisposeAsync_OfTheTransport_FailsOpenStreamsAndAccepts()
    {
        await using var client = new UtpNode();
        await using var server = new UtpNode();
        (UtpStream a, UtpStream b) = await client.OpenAsync(server, Ct);
        Task<UtpStream> accepting = server.Transport.AcceptAsync(Ct);
        await server.Transport.DisposeAsync();
        await Assert.ThrowsExactlyAsync<IOException>(() => accepting);
        await Assert.ThrowsExactlyAsync<IOException>(() => b.ReadAsync(new byte[1], Ct).AsTask());
        await Assert.ThrowsExactlyAsync<IOException>(() => a.ReadAsync(new byte[1], Ct).AsTask());
    }

    [TestMethod]
    public async Task Read_And_Write_Synchronously_Work()
    {
        await using var client = new UtpNode();
        await using var server = new UtpNode();
        (UtpStream a, UtpStream b) = await client.OpenAsync(server, Ct);
        byte[] content = RandomNumberGenerator.GetBytes(OneMebibyte);
        Task writing = Task.Run(() => a.Write(content), Ct);
        byte[] copy = new byte[content.Length];
        await Task.Run(() => b.ReadExactly(copy), Ct);
        await writing;
        CollectionAssert.AreEqual(content, copy);
    }

    private async Task AssertMovesAsync(UtpStream from, UtpStream to, int totalBytes)
    {
        Task<byte[]> sending = SendAsync(from, totalBytes);
        byte[] arrived = await SHA256.HashDataAsync(to, Ct);
        CollectionAssert.AreEqual(await sending, arrived);
    }

    private async Task<byte[]> SendAsync(UtpStream stream, int totalBytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = RandomNumberGenerator.GetBytes(OneMebibyte);
        for (int sent = 0; sent < totalBytes; sent += chunk.Length)
        {
            chunk[0]++;
            hash.AppendData(chunk);
            await stream.WriteAsync(chunk, Ct);
        }

        stream.ShutdownWrite();
        return hash.GetHashAndReset();
    }

    private async Task<string> ReadTextAsync(UtpStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        return await reader.ReadToEndAsync(Ct);
    }
}
