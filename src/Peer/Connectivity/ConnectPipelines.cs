using CS3103P2P.Protocol;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace CS3103P2P.Peer.Connectivity;

/// <summary>
/// For each peer's address one Polly pipeline: retry with growing, jittered pauses; a circuit breaker that leaves an address alone that fails
/// again and again; a timeout for each try. Thread-safe.
/// </summary>
internal sealed class ConnectPipelines(TimeSpan timeout, TimeProvider timeProvider, Random chance)
{
    public const int MaxAddresses = 4096;
    private const int MaxRetries = 2;
    private const int FailuresThatBreak = 6;
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SamplingDuration = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<TransportAddress, ResiliencePipeline> _pipelines = [];

    /// <summary>Addresses that have one.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _pipelines.Count;
        }
    }

    public ResiliencePipeline For(TransportAddress address)
    {
        lock (_gate)
        {
            if (_pipelines.TryGetValue(address, out ResiliencePipeline? pipeline)) return pipeline;
            if (_pipelines.Count == MaxAddresses) _pipelines.Clear();
            return _pipelines[address] = Build();
        }
    }

    private ResiliencePipeline Build()
    {
        PredicateBuilder<object> failures = new PredicateBuilder().Handle<IOException>().Handle<TimeoutRejectedException>();
        return new ResiliencePipelineBuilder { TimeProvider = timeProvider }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = failures,
                MaxRetryAttempts = MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = chance.NextDouble,
                Delay = FirstRetryDelay,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = failures,
                FailureRatio = 1,
                MinimumThroughput = FailuresThatBreak,
                SamplingDuration = SamplingDuration,
                BreakDuration = BreakDuration,
            })
            .AddTimeout(timeout)
            .Build();
    }
}
