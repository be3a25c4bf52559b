using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Ice;

/// <summary>When birthday guessing begins, which half of it falls to this side, and what a hit means.</summary>
public sealed partial class IceAgent
{
    private const int MaxBirthdays = 2;                                        // for one offer of the peer
    private static readonly TimeSpan BirthdayDelay = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan BirthdayDelayAfterPrediction = TimeSpan.FromSeconds(2);

    private MonotonicTime _birthdayAt;
    private StunTransactionId _birthdayId;
    private byte[] _birthdayCheck = [];
    private int _birthdays;
    private MonotonicTime? _movedAt;

    // Checks do not bring back a way through a port that a NAT forgot: only guessing finds its new one. Silence alone is no reason to guess, for whoever leaves
    // is silent too; that one side has another address since the last answer is.
    private bool HasDirectPath =>
        _selection.Current is { IsRelayed: false } way && !(State == IceAgentState.Doubtful && _movedAt is { } moved && moved >= way.LastAnswerAt);

    private bool IsBirthdayPending => _birthdays < MaxBirthdays && !_birthday.IsActive && WantedSockets == 0 && !HasDirectPath && _isPeerConfirmed && IsBirthdayCase();

    private void NoteMove(MonotonicTime now, IReadOnlyList<IceCandidate> before, IReadOnlyList<IceCandidate> after)
    {
        bool wasKnown = false, isOther = false;
        foreach (IceCandidate candidate in before) wasKnown |= candidate.Type == IceCandidateType.ServerReflexive;
        foreach (IceCandidate candidate in after) isOther |= candidate.Type == IceCandidateType.ServerReflexive && !before.Any(old => old.Address == candidate.Address);
        if (wasKnown && isOther) _movedAt = now;
    }

    private bool TryHandleBirthdayHit(MonotonicTime now, int path, TransportAddress source, in StunMessage message)
    {
        bool isGenuine = message.Class == StunClass.SuccessResponse && StunIntegrity.VerifySha1(message, _remote!.Credentials.Hmac);
        if (!isGenuine || FindOrAdd(path, source, IceCandidate.PriorityOf(IceCandidateType.PeerReflexive, 0)) is not { } pair) return true;
        SetProven(pair);
        _schedule.Trigger(now, pair);
        return true;
    }

    private void PlanBirthday(MonotonicTime now)
    {
        bool isPredicted = _local.Nat.PortDelta != 0 || _remote?.Nat.PortDelta is not (null or 0);
        _birthdayAt = now + (isPredicted ? BirthdayDelayAfterPrediction : BirthdayDelay);
        _birthdays = 0;
    }

    private bool IsBirthdayCase() =>
        _remote is not null
        && (IceNat.IsBirthdayCase(_local.Nat, _remote.Nat) || IceNat.IsBirthdayCase(_remote.Nat, _local.Nat))
        && BirthdayTarget() is not null;

    private void StartBirthday(MonotonicTime now)
    {
        _birthdays++;
        _birthdayAt = now + IceBirthday.Duration + BirthdayDelay;
        _birthdayId = _newId();
        Span<byte> check = stackalloc byte[IceCheckMessage.MaxBytes];
        _birthdayCheck = check[..WriteCheck(check, _birthdayId, IcePaths.SharedSocket, nominates: false)].ToArray();   // the same for all: signed once
        if (!_local.Nat.IsSymmetric)
        {
            _birthday.StartGuessing(now, BirthdayTarget()!.Value);
            return;
        }

        WantedSockets = IcePaths.MaxExtraSockets;
        _events |= IceEvents.SocketsChanged;
    }

    private void StopBirthday()
    {
        _birthday.Stop();
        if (WantedSockets == 0) return;
        WantedSockets = 0;
        _events |= IceEvents.SocketsChanged;
    }

    private bool PollBirthday(MonotonicTime now, Span<byte> buffer, out IceTransmit transmit)
    {
        transmit = default;
        if (!_birthday.IsActive) return false;
        if (_birthday.TryNext(now, out int path, out TransportAddress destination))
        {
            _birthdayCheck.CopyTo(buffer);
            transmit = new IceTransmit(path, destination, _birthdayCheck.Length);
            return true;
        }

        if (!_birthday.IsActive) StopBirthday();
        return false;
    }

    private TransportAddress? BirthdayTarget()
    {
        foreach (IceCandidate candidate in _remote?.Candidates ?? [])
        {
            bool isOuter = candidate.Type is IceCandidateType.ServerReflexive or IceCandidateType.Mapped or IceCandidateType.Host;
            if (isOuter && candidate.Address.IsIPv4 && IceCandidateFilter.IsPublic(candidate.Address)) return candidate.Address;
        }

        return null;
    }
}
