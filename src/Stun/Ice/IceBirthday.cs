using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>
/// Birthday guessing through a NAT with random ports: one side sends to the peer's known port from many sockets, which opens as many unknown ports;
/// the other sends to random ports of that NAT. With 256 ports open, 1,000 guesses hit one in 98 of 100 cases.
/// Bounded in rate, number and time.
/// </summary>
internal sealed class IceBirthday(Random random, IceBirthdayPace pace)
{
    /// <summary>Most guesses; with the rate below, they last the whole time.</summary>
    public const int MaxGuesses = 7500;

    private const int MaxTurnsCaughtUp = 2;          // at once after a late timer
    private const int FirstGuessedPort = 1024;

    /// <summary>How long either half goes on.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);

    // Often enough for NATs that forget a port without an answer after a few seconds, such as those of a laboratory.
    private static readonly TimeSpan OpenAgainAfter = TimeSpan.FromSeconds(2);

    private TransportAddress _target;
    private MonotonicTime _nextAt, _roundStart, _end;
    private int _sockets, _nextSocket, _guesses, _sentInTurn;
    private ushort _port, _factor, _step;

    /// <summary>Whether this side opens ports.</summary>
    public bool IsOpening { get; private set; }

    /// <summary>Whether this side guesses ports.</summary>
    public bool IsGuessing { get; private set; }

    public bool IsActive => IsOpening || IsGuessing;

    /// <summary>When <see cref="TryNext"/> has something to send, or gives up.</summary>
    public MonotonicTime? Deadline => IsActive ? _nextAt : null;

    /// <summary>Begins to send to the peer's port from all sockets, by and by.</summary>
    public void StartOpening(MonotonicTime now, TransportAddress peer, int sockets)
    {
        Begin(now, peer);
        IsOpening = sockets > 0;
        _sockets = sockets;
        _nextSocket = 0;
        _roundStart = now;
    }

    /// <summary>Begins to guess ports of the peer's NAT.</summary>
    public void StartGuessing(MonotonicTime now, TransportAddress peer)
    {
        Begin(now, peer);
        IsGuessing = true;
        _guesses = 0;

        // A full-period linear congruence visits every port once, without a table.
        _port = (ushort)random.Next(ushort.MaxValue + 1);
        _factor = (ushort)((random.Next(1 << 14) << 2) | 1);
        _step = (ushort)(random.Next(1 << 15) * 2 + 1);
    }

    public void Stop()
    {
        IsOpening = false;
        IsGuessing = false;
    }

    /// <summary>What is to be sent now; false when nothing is.</summary>
    public bool TryNext(MonotonicTime now, out int path, out TransportAddress destination)
    {
        path = IcePaths.SharedSocket;
        destination = default;
        if (!IsActive || now < _nextAt) return false;
        if (now >= _end || (IsGuessing && _guesses == MaxGuesses))
        {
            Stop();
            return false;
        }

        if (++_sentInTurn == IceBirthdayPace.DatagramsPerTurn) EndTurn(now);
        destination = IsGuessing ? _target.WithPort(NextPort()) : _target;
        if (IsOpening) path = NextSocket();
        return true;
    }

    private void EndTurn(MonotonicTime now)
    {
        _sentInTurn = 0;
        long earliest = now.Micros - (MaxTurnsCaughtUp * IceBirthdayPace.IntervalMicros);
        _nextAt = pace.Reserve(new MonotonicTime(Math.Max(_nextAt.Micros, earliest) + IceBirthdayPace.IntervalMicros));
    }

    private void Begin(MonotonicTime now, TransportAddress peer)
    {
        Stop();
        _sentInTurn = 0;
        _target = peer;
        _nextAt = pace.Reserve(now);
        _end = now + Duration;
    }

    private ushort NextPort()
    {
        _guesses++;
        do
        {
            _port = (ushort)((_port * _factor) + _step);
        }
        while (_port < FirstGuessedPort);
        return _port;
    }

    private int NextSocket()
    {
        int path = IcePaths.FirstExtraSocket + _nextSocket;
        if (++_nextSocket < _sockets) return path;
        _nextSocket = 0;
        _roundStart += OpenAgainAfter;
        if (_nextAt < _roundStart) _nextAt = _roundStart;
        return path;
    }
}
