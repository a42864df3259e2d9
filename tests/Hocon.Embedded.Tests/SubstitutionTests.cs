namespace Hocon.Tests;

public sealed class SubstitutionTests
{
    [Theory]
    [InlineData("a=1,b=${a}", "{\"a\": 1, \"b\": 1}")]
    [InlineData("b=${a},a=1", "{\"b\": 1, \"a\": 1}")]
    [InlineData("a.b=1,c=${a.b}", "{\"a\": {\"b\": 1}, \"c\": 1}")]
    [InlineData("a=fox,b=the ${a} jumps", "{\"a\": \"fox\", \"b\": \"the fox jumps\"}")]
    [InlineData("a=1,b=${a}${a}", "{\"a\": 1, \"b\": 11}")]
    [InlineData("a=[1],b=${a} [2]", "{\"a\": [1], \"b\": [1, 2]}")]
    [InlineData("a=[1],b=${a} ${a}", "{\"a\": [1], \"b\": [1, 1]}")]
    [InlineData("a={x=1},b=${a} {y=2}", "{\"a\": {\"x\": 1}, \"b\": {\"x\": 1, \"y\": 2}}")]
    [InlineData("a={x=1},b=${a},b.y=2", "{\"a\": {\"x\": 1}, \"b\": {\"x\": 1, \"y\": 2}}")]
    [InlineData("a=[${b}],b=1", "{\"a\": [1], \"b\": 1}")]
    [InlineData("a=null,b=${a}", "{\"a\": null, \"b\": null}")]
    [InlineData("\"a.b\"=1,c=${\"a.b\"}", "{\"a.b\": 1, \"c\": 1}")]
    public void A_substitution_takes_the_final_value_of_its_path(string hocon, string json) => Assert.Equal(json, Parsed.Json(hocon));

    [Theory]
    [InlineData("a=${?x}", "{}")]
    [InlineData("a=1,a=${?x}", "{\"a\": 1}")]
    [InlineData("a=${?x}${?y}", "{}")]
    [InlineData("a=${?x} foo", "{\"a\": \" foo\"}")]
    [InlineData("a=[1,${?x},2]", "{\"a\": [1, 2]}")]
    [InlineData("a=[1] ${?x}", "{\"a\": [1]}")]
    [InlineData("a={b=1} ${?x}", "{\"a\": {\"b\": 1}}")]
    [InlineData("a=${?a}", "{}")]
    [InlineData("a=${?b},b=${?a}", "{}")]
    [InlineData("a=5,a=${?x.y.z}", "{\"a\": 5}")]
    public void An_optional_substitution_that_finds_nothing_leaves_no_trace(string hocon, string json) => Assert.Equal(json, Parsed.Json(hocon));

    [Theory]
    [InlineData("path=\"a:b\",path=${path}\":c\"", "{\"path\": \"a:b:c\"}")]
    [InlineData("a=[1],a=${a} [2],a=${a} [3]", "{\"a\": [1, 2, 3]}")]
    [InlineData("a=${?a}foo", "{\"a\": \"foo\"}")]
    [InlineData("foo:{a:{c:1}},foo:${foo.a},foo:{a:2}", "{\"foo\": {\"a\": 2, \"c\": 1}}")]
    [InlineData("bar:{foo:42,baz:${bar.foo}}", "{\"bar\": {\"foo\": 42, \"baz\": 42}}")]
    [InlineData("bar:{foo:42,baz:${bar.foo}},bar:{foo:43}", "{\"bar\": {\"foo\": 43, \"baz\": 43}}")]
    [InlineData("bar:{a:${foo.d},b:1},bar.b=3,foo:{c:${bar.b},d:2},foo.d=4", "{\"bar\": {\"a\": 4, \"b\": 3}, \"foo\": {\"c\": 3, \"d\": 4}}")]
    [InlineData("a:{b:1},a:${a} {c:2}", "{\"a\": {\"b\": 1, \"c\": 2}}")]
    [InlineData("a=1,a=${a}2,a=${a}3", "{\"a\": 123}")]
    [InlineData("a.b=[1],a.b=${a.b} [2],x=${a}", "{\"a\": {\"b\": [1, 2]}, \"x\": {\"b\": [1, 2]}}")]
    [InlineData("a=${nowhere},a=1", "{\"a\": 1}")]
    public void A_field_may_refer_to_its_own_earlier_value(string hocon, string json) => Assert.Equal(json, Parsed.Json(hocon));

    [Fact]
    public void Many_appends_need_no_deep_recursion()
    {
        var hocon = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"a += {i}\n"));
        Assert.Equal(2_000, Parsed.Config(hocon).GetStringList("a").Count);
    }

    [Fact]
    public void The_environment_is_asked_where_the_configuration_has_nothing()
    {
        Assert.Equal("{\"a\": \"x y\"}", Parsed.Json("a=${HOME_OF_X}", ("HOME_OF_X", "x y")));
        Assert.Equal("{\"a\": 8080}", Parsed.Json("a=1,a=${?PORT}", ("PORT", "8080")));
        Assert.Equal("{\"a\": \"\"}", Parsed.Json("a=1,a=${?PORT}", ("PORT", "")));
        Assert.Equal("{\"PORT\": null, \"a\": null}", Parsed.Json("PORT=null,a=${?PORT}", ("PORT", "8080")));
        Assert.Equal("{\"a\": 5}", Parsed.Json("a=${x.y}", ("x.y", "5")));
        Assert.Equal("{\"a\": [\"p\", \"q\"]}", Parsed.Json("a=${LIST[]}", ("LIST_0", "p"), ("LIST_1", "q")));
    }

    [Fact]
    public void The_process_environment_is_used_by_default()
    {
        Environment.SetEnvironmentVariable("HOCON_EMBEDDED_TEST", "from the environment");
        Assert.Equal("from the environment", HoconConfigurationFactory.ParseString("a = ${HOCON_EMBEDDED_TEST}").GetString("a"));
    }

    [Theory]
    [InlineData("a=${a}", "a cycle")]
    [InlineData("a=${b},b=${a}", "a cycle")]
    [InlineData("a=${b},b=${c},c=${a}", "a cycle")]
    [InlineData("a={b=${a}}", "contains itself")]
    [InlineData("x=${a.b},a={b=${a}}", "contains itself")]
    [InlineData("a={b=${a} {x=1}}", "contains itself")]
    [InlineData("a={b=${a} {b=${a}}}", "too deep")]
    [InlineData("a=[${a}]", "a cycle")]
    [InlineData("a=[{b=${a}}]", "a cycle")]
    [InlineData("a={b=${c}},c={d=${a}}", "contains itself")]
    [InlineData("a=${a}x", "a cycle")]
    [InlineData("a.b=${a.b.c}", "a.b.c")]
    public void Cycles_are_errors(string hocon, string part) => Assert.Contains(part, Parsed.Error(hocon), StringComparison.Ordinal);

    [Fact]
    public void A_missing_value_is_an_error_that_names_place_and_path()
    {
        Assert.Equal(
            "line 2, column 5: ${x.y} is neither a path in the configuration nor an environment variable; ${?...} makes it optional",
            Parsed.Error("a=1\nb = ${x.y}"));
    }

    [Fact]
    public void Substitutions_cannot_multiply_without_bound()
    {
        var doubling = "a0=[0,0,0,0,0,0,0,0,0,0]\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i}=${{a{i - 1}}} ${{a{i - 1}}}\n"));
        Assert.Contains("substitutions", Parsed.Error(doubling), StringComparison.Ordinal);
        var text = "a0=0123456789\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i}=${{a{i - 1}}}${{a{i - 1}}}\n"));
        Assert.Contains("substitutions", Parsed.Error(text), StringComparison.Ordinal);
        var objects = "a0={x=1}\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i}={{p=${{a{i - 1}}},q=${{a{i - 1}}}}}\n"));
        Assert.Contains("substitutions", Parsed.Error(objects), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_chain_of_substitutions_is_an_error_and_no_crash()
    {
        var chain = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"a{i}=${{a{i + 1}}}\n")) + "a20000=1";
        Assert.Contains("too deep", Parsed.Error(chain), StringComparison.Ordinal);
        var nested = "b0=1\n" + string.Concat(Enumerable.Range(1, 20_000).Select(i => $"b{i}={{x=${{b{i - 1}}}}}\n"));
        Assert.Contains("nested deeper", Parsed.Error(nested), StringComparison.Ordinal);
    }
}
