using CS3103P2P.Tracker;
using CS3103P2P.Tracker.Postgres;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the tracker of a container share its registry.</summary>
public static class PostgresRegistryServiceCollectionExtensions
{
    /// <summary>Makes the tracker that <c>AddTracker</c> adds share its registry through PostgreSQL.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Sets options, at least <see cref="PostgresRegistryOptions.ConnectionString"/>.</param>
    public static IServiceCollection AddPostgresRegistry(this IServiceCollection services, Action<PostgresRegistryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PostgresRegistryOptions>().Configure(configure);
        services.AddSingleton(provider => new PostgresRegistry(provider.GetRequiredService<IOptions<PostgresRegistryOptions>>().Value));
        services.AddOptions<TrackerOptions>().Configure<PostgresRegistry>((options, registry) => options.Replication = registry);
        return services;
    }
}
