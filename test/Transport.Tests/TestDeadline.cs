namespace CS3103P2P.Transport.Tests;

/// <summary>Bounds what a test awaits.</summary>
internal static class TestDeadline
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit);

    public static Task Soon(this Task task) => task.WaitAsync(Limit);
}
