using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Topology;

public sealed class StorageUnitTests
{
    /// <summary>Journals and the wire hold these bytes: they must be read as long as there are such journals.</summary>
    public static TheoryData<StorageUnit, string, string> Units() => new()
    {
        { new DocumentsUnit("app", "orders"), "app/orders", """{"kind":"documents","Database":"app","Collection":"orders"}""" },
        { new IndexUnit("app", "orders", "by-city"), "app/orders#by-city", """{"kind":"index","Index":"by-city","Database":"app","Collection":"orders"}""" },
        { new DatabaseUnit("app"), "app", """{"kind":"database","Database":"app","Collection":""}""" },
        { new NodeUnit(), "*", """{"kind":"node","Database":"","Collection":""}""" },
        { new ShardUnit("mail/anna", "0-7"), "mail/anna@0-7", """{"kind":"shard","Range":"0-7","Database":"mail/anna","Collection":"0-7"}""" },
        { new ViewUnit("mail/anna", "0-7", "by-day"), "mail/anna@0-7#by-day", """{"kind":"view","Range":"0-7","View":"by-day","Database":"mail/anna","Collection":"0-7"}""" },
        { new ViewUnit("shop", "", "Orders/ByCompany"), "shop#Orders/ByCompany", """{"kind":"view","Range":"","View":"Orders/ByCompany","Database":"shop","Collection":""}""" },
    };

    [Theory]
    [MemberData(nameof(Units))]
    public void Each_kind_has_its_text_and_its_bytes(StorageUnit unit, string path, string json)
    {
        Assert.Equal(path, unit.ToString());
        Assert.Equal(json, JsonSerializer.Serialize(unit));
        Assert.Equal(unit, JsonSerializer.Deserialize<StorageUnit>(json));
    }

    [Fact]
    public void Every_kind_is_tried() => Assert.Equal(
        typeof(StorageUnit).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(kind => kind.DerivedType).ToHashSet(),
        Units().Select(row => row[0].GetType()).ToHashSet());
}
