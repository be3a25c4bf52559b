using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Tests.Registry;

/// <summary>What a registry should hold, kept in the simplest way.</summary>
internal sealed class RegistryModel
{
    private const double LeaseSeconds = 30;

    private readonly Dictionary<RegistrantKey, double> _leases = [];
    private readonly Dictionary<(RegistrantKey Key, string Name), (SortedSet<int> Chunks, bool Listed)> _entries = [];

    public void Refresh(double now, RegistrantKey key) => _leases[key] = Math.Ceiling(Math.Round(now + LeaseSeconds, 6));

    public void Add(double now, RegistrantKey key, string name, int chunk, bool listed)
    {
        Refresh(now, key);
        SortedSet<int> chunks = _entries.TryGetValue((key, name), out var entry) ? entry.Chunks : [];
        chunks.Add(chunk);
        _entries[(key, name)] = (chunks, listed);
    }

    public void Remove(RegistrantKey key)
    {
        _leases.Remove(key);
        foreach ((RegistrantKey Key, string Name) entry in _entries.Keys.Where(entry => entry.Key == key).ToArray()) _entries.Remove(entry);
    }

    public void Remove(RegistrantKey key, string name) => _entries.Remove((key, name));

    // A lease ends with the whole second in which it is over.
    public void Expire(double now)
    {
        foreach (RegistrantKey key in _leases.Where(lease => lease.Value <= Math.Floor(now)).Select(lease => lease.Key).ToArray()) Remove(key);
    }

    public string Describe()
    {
        var lines = new List<string> { $"{_leases.Count} registrants, {_entries.Count} entries" };
        foreach (var file in _entries.GroupBy(entry => entry.Key.Name).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            IEnumerable<string> holders = file.Select(entry => $"{entry.Key.Key.Source}={Runs(entry.Value.Chunks)}").Order(StringComparer.Ordinal);
            lines.Add($"{file.Key} {(file.Any(entry => entry.Value.Listed) ? "listed" : "unlisted")}: {string.Join(' ', holders)}");
        }

        return string.Join('\n', lines);
    }

    private static string Runs(SortedSet<int> chunks)
    {
        var runs = new List<string>();
        foreach (int first in chunks.Where(chunk => !chunks.Contains(chunk - 1)))
        {
            int last = first;
            while (chunks.Contains(last + 1)) last++;
            runs.Add(first == last ? $"{first + 1}" : $"{first + 1}-{last + 1}");
        }

        return string.Join(',', runs);
    }
}
