namespace CS3103P2P.Stun.Tests;

/// <summary>A loop with ICE on it sleeps between the things that are due.</summary>
[TestClass]
public sealed class IceTransportRestTests
{
    private const int MaxTurnsWithoutRest = 100;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    // Found by the simulator: a triggered check moves its own repetition after somebody has asked for the deadline.
    [TestMethod]
    public async Task Turn_ChecksThatAreTriggeredByTheOtherSide_ComesToRest()
    {
        var time = new ManualTimeProvider();
        var one = new SteppedHost(1, time);
        var other = new SteppedHost(2, time) { Other = one };
        one.Other = other;
        Task<IceConnectResult> connecting = one.Ice.ConnectAsync(other.Id, one.SendOfferAsync);
        using var limit = new CancellationTokenSource(Limit);
        for (int millis = 0; millis < 3_000 || !connecting.IsCompleted; millis++)
        {
            limit.Token.ThrowIfCancellationRequested();
            other.IsMuted = millis < 1_500;   // so that checks arrive at it while its own are without an answer
            StepUntilRest(one);
            StepUntilRest(other);
            time.Advance(Tick);
            await Task.Yield();
        }

        Assert.IsNull((await connecting).Failure);
    }

    private static void StepUntilRest(SteppedHost host)
    {
        int turns = 0;
        do
        {
            host.Step();
            Assert.IsLessThan(MaxTurnsWithoutRest, ++turns, "The loop does not come to rest.");
        }
        while (!host.Rests || host.HasArrived);
    }
}
