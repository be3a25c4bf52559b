namespace CS3103P2P.NatLab.Tests;

/// <summary>A lab with one server of two addresses that answers the prober.</summary>
internal sealed class TestLab : IAsyncDisposable
{
    private TestLab(Lab lab, EchoServer echo) => (Lab, Echo) = (lab, echo);

    public Lab Lab { get; }

    public EchoServer Echo { get; }

    public static void RequireLab()
    {
        if (Lab.UnavailableReason is { } reason) Assert.Inconclusive(reason);
    }

    public static async Task<TestLab> CreateAsync()
    {
        RequireLab();
        var lab = await Lab.CreateAsync();
        return new TestLab(lab, new EchoServer(await lab.AddServerAsync(addresses: 2)));
    }

    public async ValueTask DisposeAsync()
    {
        await Echo.DisposeAsync();
        await Lab.DisposeAsync();
    }
}
