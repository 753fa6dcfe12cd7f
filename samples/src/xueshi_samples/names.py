"""Made-up names: common surnames and given names mixed by chance."""

from xueshi_samples.dice import Dice

_SURNAMES = "陈林黄张吴李郑王刘苏蔡杨叶许谢邱曾赖郭罗傅魏邓蒋蓝雷钟卢沈潘廖彭薛"
_TWO_SIGN_SURNAMES = ("欧阳", "上官", "司徒", "诸葛")
_GIVEN = "晓婷伟芳敏静丽强磊娜艳勇军杰娟涛超霞鹏玲桂梅琳莹倩雯颖昊轩宇博睿熙彤妍楠淑燕彬斌凯峰俊豪毅诚珊珍琴瑶蓉薇铭锋"
_MINORITY_GIVEN = ("古丽娜", "阿依努", "次仁", "卓玛", "巴哈尔", "迪丽", "吐尔逊", "其其格")
_MINORITY_FAMILY = ("买买提", "阿不都", "达瓦", "扎西", "艾则孜", "努尔", "巴特尔")
MIDDLE_DOT = "\u00b7"


def person_name(dice: Dice) -> str:
    """Return a name of two to four characters, in some cases a minority one with a middle dot."""
    if dice.chance(0.015):
        return dice.pick(_MINORITY_GIVEN) + MIDDLE_DOT + dice.pick(_MINORITY_FAMILY)
    surname = dice.pick(_TWO_SIGN_SURNAMES) if dice.chance(0.02) else dice.pick(_SURNAMES)
    given = dice.pick(_GIVEN)
    return surname + given if dice.chance(0.18) else surname + given + dice.pick(_GIVEN)


def other_name(dice: Dice, name: str) -> str:
    """Return a name that differs from `name` in its last character, as a typing error does."""
    others = [sign for sign in _GIVEN if sign != name[-1]]
    return name[:-1] + dice.pick(others)


def respelt(dice: Dice, name: str) -> str:
    """Return the same name as another system writes it: another middle dot, or a space within or behind."""
    if MIDDLE_DOT in name:
        return name.replace(MIDDLE_DOT, dice.pick(("\u2022", "\uff0e", f" {MIDDLE_DOT} ")))
    space = dice.pick((" ", "\u3000"))
    return f"{name[0]}{space}{name[1]}" if len(name) == 2 else f"{name}{space}"


def officer_name(dice: Dice) -> str:
    """Return an officer's name; its middle character is one that no sample person bears."""
    return dice.pick(_SURNAMES) + "示" + dice.pick(_GIVEN)
