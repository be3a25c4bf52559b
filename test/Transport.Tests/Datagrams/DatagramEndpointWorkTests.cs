namespace CS3103P2P.Transport.Tests;

[TestClass]
public sealed class DatagramEndpointWorkTests
{
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Post_ManyThreads_AllRunOnTheLoopInEachThreadsOrder(bool portable)
    {
        const int Threads = 4, Each = 5_000;
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable);
        int[] next = new int[Threads];
        int outOfOrder = 0, elsewhere = 0;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = i;
                endpoint.Post(() =>
                {
                    if (!endpoint.IsOnLoop) elsewhere++;
                    if (next[thread]++ != number) outOfOrder++;
                });
            }
        }))).Soon();

        int[] seen = await endpoint.InvokeAsync(() => next.ToArray()).Soon();

        CollectionAssert.AreEqual(Enumerable.Repeat(Each, Threads).ToArray(), seen);
        Assert.AreEqual(0, outOfOrder + elsewhere);
    }

    [TestMethod]
    public async Task Post_ActionThrows_LoggedAndTheLoopGoesOn()
    {
        var log = new ListLogger();
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable: false, logger: log);
        endpoint.Post(() => throw new FormatException("mine"));
        Assert.AreEqual(7, await endpoint.InvokeAsync(() => 7).Soon());
        Assert.IsTrue(log.Errors.Any(e => e.Exception is FormatException));
    }

    [TestMethod]
    public async Task InvokeAsync_FunctionThrows_TheTaskFailsWithIt()
    {
        await using DatagramEndpoint endpoint = TestEndpoints.Bind(portable: false);
        await Assert.ThrowsExactlyAsync<FormatException>(() => endpoint.InvokeAsync(() => throw new FormatException("mine")).Soon());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task DisposeAsync_WhileOthersInvoke_EveryTaskEnds(bool portable)
    {
        for (int round = 0; round < 20; round++)
        {
            DatagramEndpoint endpoint = TestEndpoints.Bind(portable);
            Task<int>[][] all = await Task.WhenAll(Enumerable.Range(0, 3).Select(who => Task.Run(async () =>
            {
                var tasks = new Task<int>[500];
                for (int i = 0; i < tasks.Length; i++)
                {
                    if (who == 0 && i == 100) await endpoint.DisposeAsync();
                    tasks[i] = endpoint.InvokeAsync(() => 1);
                }

                return tasks;
            }))).Soon();

            foreach (Task<int> task in all.SelectMany(t => t))
            {
                try
                {
                    Assert.AreEqual(1, await task.Soon());
                }
                catch (ObjectDisposedException)
                {
                    continue;   // the endpoint was faster
                }
            }
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task DisposeAsync_MachineAttached_OwnerIsToldAndLaterCallsFail(bool portable)
    {
        DatagramEndpoint endpoint = TestEndpoints.Bind(portable);
        var told = new TaskCompletionSource<Exception>();
        endpoint.Attach(DatagramKind.Utp, new TestMachine(), told.SetResult);

        await endpoint.DisposeAsync().AsTask().Soon();
        await endpoint.DisposeAsync().AsTask().Soon();

        Assert.IsInstanceOfType<ObjectDisposedException>(await told.Task.Soon());
        Assert.ThrowsExactly<ObjectDisposedException>(() => endpoint.Post(() => { }));
        Assert.ThrowsExactly<ObjectDisposedException>(() => endpoint.Attach(DatagramKind.Stun, new TestMachine()));
        Assert.IsFalse(endpoint.TryPost(() => { }));
        await Assert.ThrowsExactlyAsync<ObjectDisposedException>(() => endpoint.InvokeAsync(() => 1).Soon());
        endpoint.Wake();
        endpoint.Detach(DatagramKind.Utp);
    }

    [TestMethod]
    public async Task DisposeAsync_FromTheLoop_DoesNotWaitForItself()
    {
        DatagramEndpoint endpoint = TestEndpoints.Bind(portable: false);
        await endpoint.InvokeAsync(() => endpoint.DisposeAsync().AsTask()).Unwrap().Soon();
        await endpoint.DisposeAsync().AsTask().Soon();
    }
}
