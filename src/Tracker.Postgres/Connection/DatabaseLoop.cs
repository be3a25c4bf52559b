using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polly;
using Polly.Retry;

namespace CS3103P2P.Tracker.Postgres.Connection;

/// <summary>Does something on one connection again and again; when the connection is lost, makes another, with growing pauses and jitter.</summary>
internal sealed class DatabaseLoop
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly NpgsqlDataSource _source;
    private readonly IDatabaseWork _work;
    private readonly TimeSpan _period;
    private readonly LinkState _state;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline _retries;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DatabaseLoop(NpgsqlDataSource source, IDatabaseWork work, TimeSpan period, LinkState state, TimeProvider timeProvider, ILogger logger)
    {
        (_source, _work, _period, _state, _timeProvider, _logger) = (source, work, period, state, timeProvider, logger);
        _retries = new ResiliencePipelineBuilder { TimeProvider = timeProvider }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<Exception>(IsTrouble),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstPause,
            MaxDelay = LongestPause,
        }).Build();
    }

    /// <summary>Ends after the first round of work.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Whether this is trouble with the database, which another connection may not have.</summary>
    public static bool IsTrouble(Exception exception) =>
        exception is DbException or StaleSessionException or TimeoutException or IOException or SocketException;

    /// <summary>Works until it is told to stop.</summary>
    /// <param name="stop">Ends the loop after one more round.</param>
    /// <param name="abort">Ends a round that goes on.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            NpgsqlConnection? connection = null;
            try
            {
                connection = await _retries.ExecuteAsync(ConnectAsync, stop).ConfigureAwait(false);
                if (_state.Up()) _logger.LogInformation("Database: {State}.", _state);
                _connected.TrySetResult();
                await RepeatAsync(connection, stop, abort).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                _state.Down("stopped");
            }
            catch (Exception e) when (IsTrouble(e))
            {
                Lost(e);
            }
            catch (Exception e)
            {
                _state.Down("a defect ended it");
                _logger.LogCritical(e, "Database: {State}.", _state);
                throw;
            }
            finally
            {
                if (connection is not null) await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = _source.CreateConnection();
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await _work.BeginAsync(connection, cancellationToken).ConfigureAwait(false);
            await _work.RunAsync(connection, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (IsTrouble(e)) Lost(e);
            throw;
        }
    }

    private async Task RepeatAsync(NpgsqlConnection connection, CancellationToken stop, CancellationToken abort)
    {
        using var timer = new PeriodicTimer(_period, _timeProvider);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Asked to stop: one more round, so that nothing is left untold.
            }

            await _work.RunAsync(connection, abort).ConfigureAwait(false);
        }
    }

    private void Lost(Exception e)
    {
        string trouble = e is PostgresException refused ? $"{refused.SqlState} {refused.MessageText}" : e.InnerException?.Message ?? e.Message;
        if (_state.Down(trouble)) _logger.LogWarning("Database: {State}. Serving from memory; trying again.", _state);
        _work.Lost();
    }
}
