using System.Globalization;
using Orchestrator.Core;

namespace Orchestrator.Engines.Etcd;

/// <summary>Rules of a cluster, and limits of etcd's versions, by which a member is left out.</summary>
internal static class EtcdRules
{
    // The versions up to this one answer 'rpc not supported for learner' (etcd-io/etcd issue 21740).
    private static readonly Version LastWithoutLearners = new(3, 6);

    /// <summary>Why a member is left out; empty if it is not.</summary>
    /// <param name="quota">The member's quota in bytes; 0 if unknown.</param>
    public static string Against(StatusResponse status, long quota, EtcdClusterOptions options)
    {
        if (status.IsLearner && Version.TryParse(status.Version, out var version) && new Version(version.Major, version.Minor) <= LastWithoutLearners)
        {
            return $"etcd {status.Version} does not defragment learners";
        }

        if (options.MinQuotaUse <= 0)
        {
            return "";
        }

        if (quota <= 0)
        {
            return $"etcd {status.Version} does not report its quota, which clusters.{options.Name}.min-quota-use needs; set clusters.{options.Name}.quota";
        }

        var use = (double)status.DbSize / quota;
        return use >= options.MinQuotaUse
            ? ""
            : string.Create(CultureInfo.InvariantCulture,
                $"uses {use * 100:0.#} % of its quota of {ByteText.Of(quota)}, less than {options.MinQuotaUse * 100:0.#} %");
    }
}
